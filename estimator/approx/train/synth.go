package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// synthesize makes the kinds of text that no package ships: log lines, and the
// random digits and letters that requests are full of.
func synthesize(seed uint64) []document {
	rng := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // reproducible, not secret
	var docs []document
	for i := range 200 {
		text := new(strings.Builder)
		kind, write := "logs", logLine
		if i%2 == 0 {
			kind, write = "random", randomLine
		}
		for text.Len() < 12_000 {
			write(text, rng)
		}
		docs = append(docs, document{kind: kind, weight: 0.7, text: text.String(), side: sideOf(uint64(i) / 2)})
	}
	for range 60 {
		text := new(strings.Builder)
		for text.Len() < 20_000 {
			rulerLine(text, rng)
		}
		docs = append(docs, document{kind: "rulers", weight: 0.3, text: text.String()})
	}
	return docs
}

// rulerLine writes what documents are indented, underlined and boxed with.
func rulerLine(w *strings.Builder, rng *rand.Rand) {
	const signs = "  \t---===###***__..//~~++\n"
	sign := signs[rng.IntN(len(signs)):][:1]
	n := 1 + rng.IntN(12)
	if rng.IntN(2) == 0 {
		n = 1 + rng.IntN(130)
	}
	open := []string{"", "", "", "a", "/", "#", "# ", "//", "//, ", "+", "|", "\n"}[rng.IntN(12)]
	_, _ = fmt.Fprint(w, open, strings.Repeat(sign, n), []string{"\n", "\n\n", "a\n", "x ", "+\n"}[rng.IntN(5)])
}

func randomLine(w *strings.Builder, rng *rand.Rand) {
	raw := make([]byte, 6+rng.IntN(60))
	for i := range raw {
		raw[i] = byte(rng.Uint32())
	}
	switch rng.IntN(5) {
	case 0:
		w.WriteString(hex.EncodeToString(raw))
	case 1:
		w.WriteString(base64.StdEncoding.EncodeToString(raw))
	case 2:
		w.WriteString(uuid(rng))
	case 3:
		_, _ = fmt.Fprintf(w, "%d %.4f -%d", rng.Uint64()>>rng.IntN(60), rng.NormFloat64()*1e3, rng.IntN(5000))
	default:
		_, _ = fmt.Fprintf(w, "key_%s=%X", base64.RawURLEncoding.EncodeToString(raw), rng.Uint32())
	}
	w.WriteByte('\n')
}

func uuid(rng *rand.Rand) string {
	a, b := rng.Uint64(), rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48, b&0xffffffffffff)
}

func logLine(w *strings.Builder, rng *rand.Rand) {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	at := time.Unix(1.6e9+rng.Int64N(3e8), rng.Int64N(1e9)).UTC()
	level := pick("INFO", "WARN", "ERROR", "DEBUG", "info", "error", "warning")
	path := "/" + pick("api/v1/users", "health", "static/app.js", "orders", "login", "v2/items") + pick("", fmt.Sprintf("/%d", rng.IntN(1e6)))
	ip := fmt.Sprintf("%d.%d.%d.%d", rng.IntN(256), rng.IntN(256), rng.IntN(256), rng.IntN(256))
	said := pick("connection reset by peer", "request completed", "cache miss for key", "retrying after timeout",
		"user session expired", "failed to open file", "worker started", "shutting down gracefully", "slow query detected")
	switch rng.IntN(4) {
	case 0:
		_, _ = fmt.Fprintf(w, "%s - - [%s] \"%s %s HTTP/1.1\" %d %d \"-\" \"curl/8.%d.0\"\n", ip,
			at.Format("02/Jan/2006:15:04:05 -0700"), pick("GET", "POST", "PUT"), path, 200+rng.IntN(304), rng.IntN(90000), rng.IntN(9))
	case 1:
		_, _ = fmt.Fprintf(w, "%s %-5s [%s-%d] %s: %s (%dms)\n", at.Format("2006-01-02 15:04:05.000"), level,
			pick("main", "worker", "http"), rng.IntN(64), pick("db", "net.server", "com.example.Service", "auth"), said, rng.IntN(3000))
	case 2:
		_, _ = fmt.Fprintf(w, "{\"time\":%q,\"level\":%q,\"msg\":%q,\"trace_id\":%q,\"status\":%d,\"path\":%q}\n",
			at.Format(time.RFC3339Nano), level, said, uuid(rng), 200+rng.IntN(304), path)
	default:
		_, _ = fmt.Fprintf(w, "%s host%d %s[%d]: %s from %s port %d\n", at.Format(time.Stamp), rng.IntN(40),
			pick("sshd", "systemd", "kernel", "nginx", "cron"), rng.IntN(99999), said, ip, rng.IntN(65536))
	}
}
