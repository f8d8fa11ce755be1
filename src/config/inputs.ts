import { isDistinct } from '../secrets/forms.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { parseDuration } from './duration.ts'
import { parseSize } from './size.ts'

/** An item of a list and the line it stands in, counted from 1. */
export interface Line {
  readonly number: number
  readonly text: string
}

/** The items of a list, one a line: blank lines and lines that begin with `#` are skipped. */
export function listLines(text: string): Line[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'))
}

// YAML 1.2 core, as the runner's own getBooleanInput.
const flags = new Map([
  ...['true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE'].map((text) => [text, false] as const),
])

/**
 * The action's inputs as the runner sets them, `INPUT_DRY-RUN`. What is wrong with them is collected, so that one
 * error can name it all: a reader that notes a problem returns a stand-in, which nobody uses.
 * An empty input is one that was not given: `${{ inputs.direction }}` is empty in a scheduled run.
 */
export class Inputs {
  readonly problems: string[] = []
  /** What is odd about them and lets the run go on. */
  readonly warnings: string[] = []
  readonly #wrong = new Set<string>()
  readonly #env: NodeJS.ProcessEnv
  readonly #secrets: Secrets

  constructor(env: NodeJS.ProcessEnv, secrets: Secrets) {
    this.#env = env
    this.#secrets = secrets
  }

  /** Keeps a secret out of the runner's log, of every problem that quotes what was given, and of all that the run tells. */
  hide(secret: string): void {
    this.#secrets.add(secret)
  }

  /** The same of what was given as a secret; warns of one that is told from nothing. */
  hideGiven(name: string, what: string, secret: string): void {
    this.hide(secret)
    if (secret !== '' && !isDistinct(secret))
      this.warning(
        name,
        `has ${what} of fewer than 8 characters, or of digits alone: it is masked in the log, but cannot be told from other text, and so not be kept out of report, summary and issue. Take a longer one.`,
      )
  }

  /** Notes what is wrong with an input and what is expected, as the rest of a sentence that begins with its name. */
  problem(name: string, sentence: string): void {
    this.problems.push(`\`${name}\` ${sentence}`)
    this.#wrong.add(name)
  }

  /** Whether nothing is wrong with any of these, as far as they were read. */
  areGood(...names: readonly string[]): boolean {
    return names.every((name) => !this.#wrong.has(name))
  }

  /** Notes what lets the run go on, in the same form. */
  warning(name: string, sentence: string): void {
    this.warnings.push(`\`${name}\` ${sentence}`)
  }

  /** A value as it may be shown. */
  withoutSecrets(value: string): string {
    return this.#secrets.redactInput(value)
  }

  /** A value as a problem may show it: short, on one line, without secrets. */
  quote(value: string): string {
    const shown = this.withoutSecrets(value)
    return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown)
  }

  text(name: string): string {
    return this.#raw(name).trim()
  }

  lines(name: string): Line[] {
    return listLines(this.#raw(name))
  }

  /** A list whose items are separated by commas or lines; each once. */
  words(name: string): string[] {
    const items = this.lines(name).flatMap(({ text }) => text.split(','))
    return [...new Set(items.map((item) => item.trim()).filter((item) => item !== ''))]
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name)
    const value = text === '' ? fallback : flags.get(text)
    if (value === undefined) this.problem(name, `must be true or false, not ${this.quote(text)}.`)
    return value ?? fallback
  }

  /** One of some words; the first is the default. */
  choice<const Words extends readonly [string, ...string[]]>(name: string, words: Words): Words[number] {
    const text = this.text(name)
    const word = text === '' ? words[0] : words.find((candidate) => candidate === text)
    if (word === undefined) {
      const last = words.at(-1)
      const expected = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
      this.problem(name, `must be ${expected}, not ${this.quote(text)}.`)
    }
    return word ?? words[0]
  }

  integer(name: string, fallback: number, max: number): number {
    const text = this.text(name)
    if (text === '') return fallback
    const value = /^\d+$/.test(text) ? Number(text) : 0
    if (value < 1 || value > max)
      this.problem(name, `must be a whole number from 1 to ${max}, not ${this.quote(text)}.`)
    return value
  }

  /** In ms. */
  duration(name: string, fallback: `${number}${'s' | 'm' | 'h'}`): number {
    const text = this.text(name) || fallback
    const value = parseDuration(text)
    if (value === undefined) {
      const expected = 'a whole number and its unit, such as 30s, 2m or 5h, more than 0 and at most 24 days'
      this.problem(name, `must be ${expected}, not ${this.quote(text)}.`)
    }
    return value ?? 0
  }

  /** The same; `0s` is for none at all, which is 0. */
  durationOrNone(name: string, fallback: `${number}${'s' | 'm' | 'h'}`): number {
    return /^0+[smh]$/.test(this.text(name)) ? 0 : this.duration(name, fallback)
  }

  /** In bytes; `null` where none is given. */
  size(name: string, least: number): number | null {
    const text = this.text(name)
    if (text === '') return null
    const value = parseSize(text)
    if (value !== undefined && value >= least) return value
    const expected = `a size such as 500MB, 5GB, 1.5TB or 512GiB${least > 0 ? ', more than 0' : ''}`
    this.problem(name, `must be ${expected}, not ${this.quote(text)}.`)
    return null
  }

  #raw(name: string): string {
    return this.#env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? ''
  }
}
