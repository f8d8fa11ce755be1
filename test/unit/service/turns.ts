import { afterEach, beforeEach } from 'vitest'

/** Counts the turns of the event loop in each test of a block. */
export function countTurns(): { readonly sofar: number } {
  const turns = { sofar: 0 }
  let timer: NodeJS.Immediate
  const count = () => {
    turns.sofar++
    timer = setImmediate(count)
  }
  beforeEach(() => {
    turns.sofar = 0
    timer = setImmediate(count)
  })
  afterEach(() => clearImmediate(timer))
  return turns
}
