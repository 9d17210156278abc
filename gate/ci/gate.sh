#!/usr/bin/env bash
# The step of the GitHub Action that gates: it runs the gate once for all
# reports, publishes them, and only then decides how the step ends.
#
# Everything comes by environment, from action.yml and the runner. What the gate
# says is text of a pull request: none of it is run, or read as a command.
set -euo pipefail

# A word that nobody who wrote the text can know.
secret=tollgate$RANDOM$RANDOM$RANDOM$RANDOM

# output NAME VALUE: sets an output of the step, whatever is in the value.
output() { printf '%s<<%s\n%s\n%s\n' "$1" "$secret" "$2" "$secret" >>"$GITHUB_OUTPUT"; }

# show FILE...: prints text without reading commands in it.
show() {
	echo "::stop-commands::$secret"
	cat "$@"
	printf '\n::%s::\n' "$secret"
}

# complain TEXT: annotates the run as a whole.
complain() {
	local text=${1//'%'/%25}
	text=${text//$'\r'/%0D}
	text=${text//$'\n'/%0A}
	echo "::error title=tollgate gate::$text"
}

case $INPUT_FAIL_ON in
unmeasured | failed | never) ;;
*)
	complain "fail-on must be unmeasured, failed or never"
	exit 2
	;;
esac

[[ -z $INPUT_VENDOR_KEY ]] || export MOONSHOT_API_KEY=$INPUT_VENDOR_KEY
[[ -z $INPUT_SERVER_KEY ]] || export TOLLGATE_SERVER_KEY=$INPUT_SERVER_KEY
[[ -z $VOCABULARY ]] || export TOLLGATE_VOCAB=$VOCABULARY
unset INPUT_VENDOR_KEY INPUT_SERVER_KEY

reports=$(mktemp -d "$RUNNER_TEMP/tollgate-gate.XXXXXX")
junit=${INPUT_JUNIT:-$reports/report.xml}
said=$(mktemp "$RUNNER_TEMP/tollgate-said.XXXXXX")
annotations=$(mktemp "$RUNNER_TEMP/tollgate-annotations.XXXXXX")
[[ $junit != */* ]] || mkdir -p -- "${junit%/*}/" 2>/dev/null || true # the gate says what is wrong with it

# With "=", so that a value which begins with a dash stays a value.
args=(gate --config="$INPUT_CONFIG" --format=github --output="table=$reports/report.txt"
	--output="markdown=$reports/report.md" --output="json=$reports/report.json" --output="junit=$junit")
[[ -z $INPUT_BASELINE ]] || args+=(--baseline="$INPUT_BASELINE")
[[ -z $INPUT_METHOD ]] || args+=(--method="$INPUT_METHOD")
[[ -z $INPUT_SERVER ]] || args+=(--server="$INPUT_SERVER")
[[ -z $INPUT_QUIET_UNDER ]] || args+=(--quiet-under="$INPUT_QUIET_UNDER")

code=0
"${INPUT_BINARY:-$RUNNER_TEMP/tollgate/bin/tollgate}" "${args[@]}" >"$annotations" 2>"$said" || code=$?

outcome=error total='' currency='' quiet=false json=$reports/report.json
if [[ $code == [013] && -s $json ]]; then
	# The members before the cases; in a string no quote stands without a
	# backslash, so they can be found without a parser.
	head=$(sed '/^ *"cases": *\[/q' "$json")
	member() { if [[ $head =~ $1 ]]; then printf '%s' "${BASH_REMATCH[1]}"; fi; }
	outcome=$(member '"outcome": *"([a-z]+)"')
	currency=$(member '"currency": *"([A-Z]+)"')
	basis=$(member '"basis": *"([a-z]+)"')
	total=$(member '"totals": *\{[^{}]*"cost": *\{[^{}]*"'"$basis"'": *"(-?[0-9.]+)"')
	[[ -s $annotations ]] || quiet=true
	show "$said" "$reports/report.txt"
	[[ $INPUT_ANNOTATIONS != true ]] || cat "$annotations"
else
	((code != 0)) || code=2 # without a report nothing was gated
	json='' junit=''
	complain "the gate did not run (exit code $code)"$'\n'"$(head -c 2000 "$said")"
	show "$said"
	{
		printf '<!-- tollgate-gate -->\n## ❌ error: tollgate gate\n\nThe gate did not run (exit code %d):\n\n' "$code"
		head -c 20000 "$said" | sed 's/^/    /'
	} >"$reports/report.md"
fi
cat "$reports/report.md" >>"$GITHUB_STEP_SUMMARY"

output outcome "$outcome"
output exit-code "$code"
output total-cost "$total"
output currency "$currency"
output quiet "$quiet"
output reports "$reports"
output json "$json"
output markdown "$reports/report.md"
output junit "$junit"

case $code:$outcome:$INPUT_FAIL_ON in
*:error:*) exit "$code" ;;
[13]:*:never | 3:*:failed) echo "exit code $code of the gate does not fail this step: fail-on is $INPUT_FAIL_ON" ;;
*) exit "$code" ;;
esac
