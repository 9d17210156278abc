// The same question asked from a program. A file is read where the program runs:
// its base64 would be longer than the rest.

import { split } from './media.js';

const isText = (part) => typeof part === 'string';
const filesOf = (parts) => parts.filter((p) => !isText(p));
const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

// snippet writes the request, whose files are marks, to url in a language.
export function snippet(language, { text, url, key }) {
  return { curl, go, python }[language](split(text), url, key);
}

function curl(parts, url, key) {
  // Without files the shell is told to change nothing of the text.
  const plain = parts.every(isText);
  const kept = (text) => plain ? text : text.replace(/[\\$`]/g, '\\$&');
  const body = parts.map((p) => isText(p) ? kept(p) : `$(base64 < ${quoted(p.name)} | tr -d '\\n')`).join('');
  return [
    `curl -sS ${quoted(url)} \\`,
    `  -H 'Content-Type: application/json' \\`,
    ...(key ? [`  -H "Authorization: Bearer $TOLLGATE_KEY" \\`] : []),
    `  --data-binary @- <<${plain ? "'JSON'" : 'JSON'}`,
    body,
    'JSON',
  ].join('\n');
}

const marked = (parts) => parts.map((p) => isText(p) ? p : `{{${p.mark}}}`).join('');

function go(parts, url, key) {
  const files = filesOf(parts);
  const raw = '`' + marked(parts).replaceAll('`', '` + "`" + `') + '`';
  const imports = ['fmt', 'io', 'net/http', ...(files.length > 0 || key ? ['os'] : []), 'strings'];
  if (files.length > 0) imports.unshift('encoding/base64');
  return `package main

import (
${imports.map((i) => `\t"${i}"`).join('\n')}
)

func main() {
	body := ${raw}
${files.map((f) => `	body = strings.Replace(body, ${JSON.stringify(`{{${f.mark}}}`)}, encoded(${JSON.stringify(f.name)}), 1)\n`).join('')}	req, err := http.NewRequest(http.MethodPost, ${JSON.stringify(url)}, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
${key ? '	req.Header.Set("Authorization", "Bearer "+os.Getenv("TOLLGATE_KEY"))\n' : ''}	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	estimate, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(estimate))
}
${files.length === 0 ? '' : `
// encoded reads a file as base64.
func encoded(name string) string {
	content, err := os.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(content)
}
`}`;
}

function python(parts, url, key) {
  const files = filesOf(parts);
  const imports = [...(files.length > 0 ? ['base64'] : []), 'json', ...(key ? ['os'] : []), 'urllib.request'];
  const headers = ['"Content-Type": "application/json"', ...(key ? ['"Authorization": "Bearer " + os.environ["TOLLGATE_KEY"]'] : [])];
  // No JSON has three quotes in a row, so nothing in it ends the literal.
  return `${imports.map((i) => `import ${i}`).join('\n')}

body = r"""${marked(parts)}"""
${files.map((f) => `with open(${JSON.stringify(f.name)}, "rb") as file:
    body = body.replace(${JSON.stringify(`{{${f.mark}}}`)}, base64.b64encode(file.read()).decode())
`).join('')}request = urllib.request.Request(
    ${JSON.stringify(url)},
    data=body.encode(),
    headers={${headers.join(', ')}},
)
with urllib.request.urlopen(request) as answer:
    print(json.dumps(json.load(answer), indent=2, ensure_ascii=False))
`;
}
