# tollgate in an image of one static binary: no shell, no user but 65532, and
# nothing that has to be written to disk.
#
#   docker build --build-arg VERSION=1.0.0 --build-arg COMMIT=$(git rev-parse HEAD) -t tollgate .
#   docker run --rm --read-only --cap-drop ALL -p 8080:8080 -e TOLLGATE_API_KEYS=... tollgate
#
# In a container it listens on every address, so it wants TOLLGATE_API_KEYS, or
# TOLLGATE_ALLOW_ANONYMOUS=true where everybody who reaches it may use it.

# With --build-arg VOCAB=pull the vocabulary is fetched from its publisher,
# checked, and baked in, so that counts are exact from the first request on.

# Two builds of one commit give the same bytes, where both base images are pinned
# by digest and every file gets one time: buildah by --timestamp, BuildKit by
# SOURCE_DATE_EPOCH and rewrite-timestamp=true. What was linked into the program
# stands in /sbom.spdx.json.
ARG GO_IMAGE=docker.io/library/golang:1.26-bookworm
ARG RUN_IMAGE=gcr.io/distroless/static-debian12:nonroot

FROM ${GO_IMAGE} AS build
ARG GOPROXY
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOCACHE=/gocache
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT=unknown
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/gocache \
    GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -tags nomsgpack -trimpath -buildvcs=false \
    -ldflags "-s -w -X tollgate/cli.version=${VERSION} -X tollgate/cli.commit=${COMMIT}" \
    -o /out/tollgate .
ARG SOURCE_DATE_EPOCH=0
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/gocache \
    go run -trimpath ./.ci/sbom -version "${VERSION}" -license Apache-2.0 -created "${SOURCE_DATE_EPOCH}" \
    /out/tollgate >/out/sbom.spdx.json
ARG VOCAB=
ARG VOCAB_URL=
RUN mkdir -p /data && if [ "$VOCAB" = pull ]; then \
    /out/tollgate vocab pull --vocab /data/tollgate/tiktoken.model ${VOCAB_URL:+--from "$VOCAB_URL"}; fi

FROM ${RUN_IMAGE}
ARG VERSION=dev
ARG COMMIT=unknown
LABEL org.opencontainers.image.title=tollgate \
      org.opencontainers.image.description="What a Kimi chat request will cost, before it is sent" \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.revision=${COMMIT}
COPY --from=build /out/tollgate /out/sbom.spdx.json /
COPY --from=build --chown=65532:65532 /data /data
COPY LICENSE /LICENSE
ENV TOLLGATE_ADDR=0.0.0.0:8080 XDG_DATA_HOME=/data
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=4s --start-period=3s CMD ["/tollgate", "healthcheck"]
ENTRYPOINT ["/tollgate"]
CMD ["serve"]
