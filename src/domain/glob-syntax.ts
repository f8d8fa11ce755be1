/** A part of a glob: a character, a run of any length of them, or one of several sequences. */
export type GlobPart =
  | { readonly takes: (char: number) => boolean; readonly isRun: boolean }
  | { readonly either: readonly (readonly GlobPart[])[] }

/** What is wrong with a glob, as the rest of a sentence that begins with it. */
export class GlobError extends Error {
  override readonly name = 'GlobError'
}

/**
 * Reads a glob: `?` for one character other than `/`, `*` for any number of these, `**` for `/` as well, `[a-z]` and
 * `[!a-z]`, `{one,other}`, and `\` before a character that is meant as it is. At the start of a part between slashes,
 * `**` and the `/` behind it also stand for nothing. All else that shells know is refused, not taken for itself.
 * @throws GlobError
 */
export function readGlob(text: string): readonly GlobPart[] {
  if (text.startsWith('!')) throw new GlobError('begins with `!`, and a glob cannot exclude names')
  const glob = new Reader(text)
  const { parts } = glob.sequence({ isInBraces: false, isPartStart: true })
  return parts
}

const slash = 0x2f
const notSlash = (char: number) => char !== slash
const any = () => true

interface Sequence {
  readonly parts: readonly GlobPart[]
  /** Whether what follows begins a part between slashes. */
  readonly isPartStart: boolean
}

class Reader {
  readonly #chars: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#chars = [...text]
  }

  /** Up to the end of the glob or, in braces, up to the next `,` or `}`. */
  sequence(place: { readonly isInBraces: boolean; readonly isPartStart: boolean }): Sequence {
    const parts: GlobPart[] = []
    let { isPartStart } = place
    for (;;) {
      const char = this.#chars[this.#at]
      if (char === undefined || (place.isInBraces && (char === ',' || char === '}')))
        return { parts, isPartStart }
      this.#refuseExtended()
      this.#at++
      if (char === '{') {
        const braces = this.#braces(isPartStart)
        parts.push(...braces.parts)
        isPartStart = braces.isPartStart
        continue
      }
      if (char === '*') parts.push(this.#stars(isPartStart))
      else if (char === '?') parts.push({ takes: notSlash, isRun: false })
      else if (char === '[') parts.push({ takes: this.#set(), isRun: false })
      else parts.push(one(char === '\\' ? this.#escaped() : char))
      isPartStart = this.#chars[this.#at - 1] === '/'
    }
  }

  /** Behind the first star. */
  #stars(isPartStart: boolean): GlobPart {
    const from = this.#at - 1
    while (this.#chars[this.#at] === '*') this.#at++
    this.#refuseExtended(this.#at - 1)
    if (this.#at - from === 1) return { takes: notSlash, isRun: true }
    const run = { takes: any, isRun: true }
    if (!isPartStart || this.#chars[this.#at] !== '/') return run
    this.#at++
    return { either: [[], [run, one('/')]] }
  }

  /** Behind `{`. */
  #braces(isPartStart: boolean): Sequence {
    const either: Sequence[] = []
    do {
      either.push(this.sequence({ isInBraces: true, isPartStart }))
    } while (this.#chars[this.#at++] === ',')
    if (this.#chars[this.#at - 1] !== '}') throw new GlobError(`has a \`{\` without its \`}\`; ${meant('{')}`)
    if (either.length === 1)
      throw new GlobError(
        `has \`{…}\` without a comma, and knows no ranges such as \`{1..3}\`; ${meant('{')}`,
      )
    return {
      parts: [{ either: either.map(({ parts }) => parts) }],
      isPartStart: either.every((sequence) => sequence.isPartStart),
    }
  }

  /** Behind `[`. */
  #set(): (char: number) => boolean {
    const isNegated = ['!', '^'].includes(this.#chars[this.#at] ?? '')
    if (isNegated) this.#at++
    const ranges: { readonly from: number; readonly to: number }[] = []
    // A `]` that comes first is one of the characters.
    for (let isFirst = true; isFirst || this.#chars[this.#at] !== ']'; isFirst = false) {
      const from = this.#setMember()
      const isRange = this.#chars[this.#at] === '-' && this.#chars[this.#at + 1] !== ']'
      if (isRange) this.#at++
      const to = isRange ? this.#setMember() : from
      if (to < from) throw new GlobError('has a range in `[…]` whose end comes before its start')
      ranges.push({ from, to })
    }
    this.#at++
    return (char) => notSlash(char) && ranges.some(({ from, to }) => from <= char && char <= to) !== isNegated
  }

  #setMember(): number {
    const char = this.#chars[this.#at++]
    if (char === undefined) throw new GlobError(`has a \`[\` without its \`]\`; ${meant('[')}`)
    if (char === '[' && [':', '.', '='].includes(this.#chars[this.#at] ?? ''))
      throw new GlobError(`has \`[${this.#chars[this.#at]}\` in \`[…]\`, and knows no named sets`)
    return codeOf(char === '\\' ? this.#escaped() : char)
  }

  /** Behind `\`. */
  #escaped(): string {
    const char = this.#chars[this.#at++]
    if (char === undefined) throw new GlobError('ends in `\\`, which needs a character behind it')
    return char
  }

  #refuseExtended(at = this.#at): void {
    const char = this.#chars[at] ?? ''
    if ('?*+@!'.includes(char) && this.#chars[at + 1] === '(')
      throw new GlobError(`has \`${char}(\`, an extended pattern; ${meant('(')}`)
  }
}

const meant = (char: string) => `where the character itself is meant, write \`\\${char}\``
const codeOf = (char: string) => char.codePointAt(0) as number

function one(char: string): GlobPart {
  const code = codeOf(char)
  return { takes: (other) => other === code, isRun: false }
}
