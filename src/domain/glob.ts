import type { GlobPart } from './glob-syntax.ts'

/** A place in a glob: which characters may stand there, and where it goes on behind one. A fork takes none. */
interface Place {
  readonly takes: ((char: number) => boolean) | null
  readonly next: readonly number[]
}

/** The places at which a reader may be, and where each character leads from there, as far as it was met. */
interface Standing {
  readonly places: readonly number[]
  readonly isEnd: boolean
  readonly after: Standing[]
}

/** Behind the glob's end. */
const end = 0
/** So many steps and places are remembered: some 10 MB, and far more than the names that people give need. */
const mostRemembered = 200_000

/**
 * A glob as a machine that is at all places at once where its reader may be: it reads each character of a name once,
 * and for each tries a place at most once, whatever the glob. A pattern that goes back to try another way, as
 * JavaScript's regular expressions do, may take for ever on a stranger's name.
 */
export class Glob {
  readonly #places: Place[] = [{ takes: null, next: [] }]
  readonly #start: number
  readonly #standings = new Map<string, Standing>()
  #first: Standing
  #remembered = 0

  constructor(parts: readonly GlobPart[]) {
    this.#start = this.#lay(parts, end)
    this.#first = this.#standingAt([this.#start])
  }

  /** Whether it matches the whole of a name. */
  matches(name: string): boolean {
    let standing = this.#first
    for (let index = 0; index < name.length && standing.places.length > 0; ) {
      const char = name.codePointAt(index) as number
      index += char > 0xffff ? 2 : 1
      standing = standing.after[char] ??= this.#step(standing, char)
    }
    return standing.isEnd
  }

  /** Lays out parts from the last to the first, for each place has to know the next. Returns the first. */
  #lay(parts: readonly GlobPart[], behind: number): number {
    return parts.reduceRight((next, part) => {
      if ('either' in part) return this.#add(null, ...part.either.map((one) => this.#lay(one, next)))
      if (!part.isRun) return this.#add(part.takes, next)
      const fork = this.#places.length
      this.#add(null, fork + 1, next)
      this.#add(part.takes, fork)
      return fork
    }, behind)
  }

  #add(takes: Place['takes'], ...next: number[]): number {
    return this.#places.push({ takes, next }) - 1
  }

  #step({ places }: Standing, char: number): Standing {
    if (++this.#remembered > mostRemembered) {
      this.#standings.clear()
      this.#remembered = 0
      this.#first = this.#standingAt([this.#start])
    }
    const taking = places.map((place) => this.#places[place] as Place).filter(({ takes }) => takes?.(char))
    return this.#standingAt(taking.flatMap(({ next }) => next))
  }

  #standingAt(entered: readonly number[]): Standing {
    const places = new Set<number>()
    const enter = (place: number) => {
      if (places.has(place)) return
      places.add(place)
      const { takes, next } = this.#places[place] as Place
      if (takes === null) next.forEach(enter)
    }
    entered.forEach(enter)
    const key = [...places].sort().join()
    const known = this.#standings.get(key)
    if (known !== undefined) return known
    const standing = { places: [...places], isEnd: places.has(end), after: [] }
    this.#standings.set(key, standing)
    this.#remembered += places.size
    return standing
  }
}
