import { expect, test } from 'vitest'
import { guardOutput } from '../../../src/secrets/guard.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'

/** A stream that keeps what was written to it. */
function guarded(...given: readonly string[]) {
  const secrets = new Secrets()
  for (const secret of given) secrets.add(secret)
  let said = ''
  const stream = {
    write(text: string, _: string, done?: () => void): boolean {
      said += text
      done?.()
      return true
    },
  } as NodeJS.WriteStream
  guardOutput(stream, secrets)
  return { stream, secrets, said: () => said }
}

test('no secret is said, be it that it is written in two pieces, or as bytes', () => {
  const { stream, said } = guarded('token-of-photos')
  stream.write('::warning::token-of-pho')
  stream.write(Buffer.from('tos%0A\nand '))
  stream.write('more\n')
  expect(said()).toBe('::warning::***%0A\nand more\n')
})

test('no secret is said over several lines that are written at once', () => {
  const { stream, said } = guarded('token-of-photos')
  stream.write('details: dG9rZW4t\n  b2YtcGhvdG9z\n::add-mask::word-of-videos\nword-of-videos\n')
  expect(said()).toBe('details: ***\n::add-mask::word-of-videos\n***\n')
})

test('what libraries ask the runner to mask goes out as it is, and is a secret from then on', () => {
  const { stream, said } = guarded('token-of-photos')
  stream.write('::add-mask::token-of-photos\n::add-mask::sig=100%25 secret\nsig=100% secret\n')
  expect(said()).toBe('::add-mask::token-of-photos\n::add-mask::sig=100%25 secret\n***\n')
})

test('whoever waits for a piece to be written is told, also where the piece is kept back', () => {
  const { stream } = guarded('token-of-photos')
  let told = 0
  const done = () => void told++
  stream.write('token', done)
  stream.write('-of', 'utf8', done)
  expect(told).toBe(2)
})
