//go:build manifests

package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var summaryOf = regexp.MustCompile(`Summary: \d+ resources found in .* - Valid: (\d+), Invalid: (\d+), Errors: (\d+), Skipped: (\d+)`)

// What the checks say is theirs; this only adds up.
func TestTheManifestsAreWhatKubernetesTakes(t *testing.T) {
	cmd := exec.Command(".ci/run", "manifests")
	cmd.Dir = "../.."
	said, err := cmd.CombinedOutput()
	if strings.Contains(string(said), "command not found") {
		t.Skip("kustomize, kubeconform and kube-score are not installed: .ci/run tools")
	}
	sums := [4]int{}
	found := summaryOf.FindAllStringSubmatch(string(said), -1)
	for _, m := range found {
		for i := range sums {
			n, convErr := strconv.Atoi(m[i+1])
			require.NoError(t, convErr)
			sums[i] += n
		}
	}
	critical := strings.Count(string(said), "[CRITICAL]")
	warnings := strings.Count(string(said), "[WARNING]")
	t.Logf("scorecard | 34 | kustomize of %d overlays, the base among them, by kubeconform -strict against the API of a release, and by kube-score | "+
		"each resource valid, none skipped, nothing critical; not against a running cluster | %s",
		len(found), fmt.Sprintf("%d resources valid, %d invalid, %d errors, %d skipped; kube-score: %d critical, %d warnings",
			sums[0], sums[1], sums[2], sums[3], critical, warnings))
	require.NoError(t, err, "%s", said)
	require.NotEmpty(t, found)
	require.Equal(t, [3]int{}, [3]int(sums[1:]))
	require.Zero(t, critical)
}
