// Writes the tables of inputs and outputs in docs/inputs.md from action.yml: node scripts/input-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'

interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

/** The page with its tables as `action.yml` has them. Throws where it lacks the comments that mark their places. */
export function withTables(page: string, actionYaml: string): string {
  const action = parse(actionYaml) as Action
  const inputs = Object.entries(action.inputs).map(([name, input]) => [
    code(name),
    input.required === true ? '**required**' : code(input.default ?? ''),
    input.description,
  ])
  const outputs = Object.entries(action.outputs).map(([name, { description }]) => [code(name), description])
  return [
    { place: 'inputs', rows: [['Input', 'Default', 'Meaning'], ...inputs] },
    { place: 'outputs', rows: [['Output', 'Meaning'], ...outputs] },
  ].reduce((text, { place, rows }) => between(text, place, table(rows)), page)
}

const code = (text: string) => (text === '' ? '' : `\`${text}\``)

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim()).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function between(text: string, place: string, content: string): string {
  const [start, end] = [`<!-- ${place}:start -->`, `<!-- ${place}:end -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`docs/inputs.md needs ${start} and, behind it, ${end}`)
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`
}

if (import.meta.main) {
  const file = (name: string) => new URL(`../${name}`, import.meta.url)
  const page = withTables(
    readFileSync(file('docs/inputs.md'), 'utf8'),
    readFileSync(file('action.yml'), 'utf8'),
  )
  writeFileSync(file('docs/inputs.md'), page)
}
