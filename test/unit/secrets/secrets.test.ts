import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CleanLines } from '../../../src/secrets/clean-lines.ts'
import { Secrets } from '../../../src/secrets/secrets.ts'
import { manners } from '../../sandbox/written.ts'

const [accessKey, secretKey] = ['PHOTOSABCDEFGHIJKLMN', 'Ab/cd+ef0123456789Ab/cd+ef0123456789Abcd']
const token = Buffer.from(`${accessKey}:${secretKey}:photos`).toString('base64')

function secretsOf(...given: readonly string[]): Secrets {
  const secrets = new Secrets()
  for (const one of given) secrets.add(one)
  return secrets
}

function masksOf(given: string): string[] {
  const masks: string[] = []
  new Secrets((secret) => masks.push(secret)).add(given)
  return masks
}

describe('a text that holds a secret', () => {
  const given = [token, 'pass "wörd"/+=&<%>', 'ghs_0123456789abcdef', "it's two words"]
  const all = [...given, accessKey, secretKey, `${accessKey}:${secretKey}`]
  test.each(Object.entries(manners))('%s is without it', (manner, write) => {
    for (const secret of all) {
      const isBase64Alone = !/after|amid/.test(manner)
      // Of UTF-16 one more is at either end.
      const shown = secretsOf(...given)
        .redact(`before ${write(secret)}, and after`)
        .replaceAll('\0', '')
      // Bits that it shares with what is beside it are left.
      if (isBase64Alone) expect(shown).toBe('before ***, and after')
      else expect(shown).toMatch(/^before [\w+/]{1,3}\*\*\*[\w+/]{0,3}={0,2}, and after$/)
    }
  })

  test('in any mixture of these manners is without it', () => {
    const secrets = secretsOf(...given)
    const ofCharacters = Object.entries(manners).filter(
      ([manner]) => !/Base64|within|hex$|upper|without/.test(manner),
    )
    const writers = ofCharacters.map(([, write]) => write)
    fc.assert(
      fc.property(
        fc.constantFrom(token, accessKey, secretKey, 'ghs_0123456789abcdef', "it's two words"),
        fc.infiniteStream(fc.constantFrom(...writers)),
        (secret, manner) => {
          const written = [...secret].map((one) => manner.next().value(one)).join('')
          expect(secrets.redact(`<${written}>`).replaceAll('\0', '')).toBe('<***>')
        },
      ),
    )
  })

  test.each([
    'pass%41word',
    'pass&amp;word',
    'pass\\"word',
    'pass\\nword',
    'pass&ltword',
    'pass\\1word',
    '%2525252541&amp;%26amp;',
  ])('that has an escape in it (%s), and is written with another, is without it', (secret) => {
    const first = `\\u00${(secret.charCodeAt(0)).toString(16)}`
    for (const written of [secret, `${first}${secret.slice(1)}`, encodeURIComponent(secret)])
      expect(secretsOf(secret).redact(`<${written}>`)).toBe('<***>')
  })

  test.each([60, 64, 76])('in Base64 in lines of %i, as part of a request, is without it', (length) => {
    const line = new RegExp(`.{${length}}`, 'g')
    for (const path of ['/pins', '/pins?', '/pins?a']) {
      const request = `GET ${path} HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nAccept: */*\r\n\r\n`
      for (const end of ['\n', '\r\n', '\n    ', '\\n', '\\r\\n', '\\\\r\\\\n', '%0A', '%0D%0A', '%250A']) {
        const written = Buffer.from(request).toString('base64').replace(line, `$&${end}`)
        const shown = secretsOf(token).redact(`request was ${written}, sorry`)
        const left = shown.replaceAll(end, '')
        expect(left).toMatch(/^request was [\w+/]+\*\*\*[\w+/=]+, sorry$/)
        const [before = '', after = ''] = left.slice('request was '.length, -', sorry'.length).split('***')
        expect(Buffer.from(before, 'base64').toString()).toMatch(/Authorization: Bearer.?$/)
        // Of both letters at its ends there are bits of what is beside it.
        const masked = written.replaceAll(end, '').length - before.length - after.length
        expect(masked).toBeGreaterThanOrEqual((token.length * 4) / 3 - 2)
      }
    }
  })

  test('may have a sign that is two units, escaped as one', () => {
    const secrets = secretsOf('smile \u{1F600} twice')
    for (const sign of ['&#x1F600;', '&#128512;', '\\u{1f600}', '\\ud83d\\ude00'])
      expect(secrets.redact(`<smile ${sign} twice>`)).toBe('<***>')
  })

  test('keeps the lines around it', () => {
    expect(secretsOf(token).redact(`a\n${token}\n${token}\nb`)).toBe('a\n***\n***\nb')
  })

  test('keeps what is around it, escapes too', () => {
    expect(secretsOf(token).redact(`%20&amp;\\u0041${token}%20&#61;\\"${token}`)).toBe(
      '%20&amp;\\u0041***%20&#61;\\"***',
    )
  })

  test('may hold others that lie across it, or meet', () => {
    const secrets = secretsOf('abcdefghij', 'fghijklmno', 'klmnopqrst')
    expect(secrets.redact('-abcdefghijklmno-')).toBe('-***-')
    expect(secrets.redact('abcdefghijklmnopqrst')).toBe('***')
    expect(secrets.redact('abcdefghi fghijklmno')).toBe('abcdefghi ***')
  })

  test('is the same text where it holds none', () => {
    for (const text of ['', 'x', 'photos', token.slice(0, 20), 'a%20b&amp;c\\u0041'])
      expect(secretsOf(token).redact(text)).toBe(text)
    expect(new Secrets().redact(token)).toBe(token)
  })
})

describe('parts of a secret', () => {
  test('of a Filebase token are masked with it, but for the bucket', () => {
    expect(masksOf(token)).toEqual([
      token,
      `${accessKey}:${secretKey}:photos`,
      `${accessKey}:${secretKey}`,
      accessKey,
      secretKey,
    ])
    expect(secretsOf(token).redact('bucket photos')).toBe('bucket photos')
  })

  test('another token of the same account is known by its keys', () => {
    const other = Buffer.from(`${accessKey}:${secretKey}:videos`).toString('base64')
    expect(secretsOf(token).redact(other)).not.toContain(other.slice(0, 70))
  })

  test.each([
    ['basic authorization', Buffer.from('ann:pass-word').toString('base64'), ['ann:pass-word', 'pass-word']],
    ['a JSON Web Token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', ['c2lnbmF0dXJl']],
    ['several lines', 'first-line\nsecond-line', ['first-line', 'second-line']],
    ['what is no Base64', 'ghs_0123456789', []],
    ['the Base64 of bytes', Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9]).toString('base64'), []],
  ])('%s', (_, given, parts) => {
    expect(masksOf(given)).toEqual([given, ...parts])
  })
})

describe('what is too short, or a number, is no secret that could be told from other text', () => {
  test.each(['1234567', 'secret7', '1234567890123456', ''])('%s', (given) => {
    expect(secretsOf(given).redact(`{"Bytes":${given},"a":"${given}"}`)).toContain(`"${given}"`)
  })

  test('it is left out of what quotes an input all the same', () => {
    expect(secretsOf('pin7', 'secret-pin7').redactInput('pin7 secret-pin7 pin')).toBe('*** *** pin')
  })
})

describe('as JSON', () => {
  test('texts are without secrets, at any depth, and keys and other values stay', () => {
    const secrets = secretsOf('conclusion', 'say "hello"')
    const value = { conclusion: 'the conclusion', list: [{ a: 'say "hello"', n: 1, none: null }] }
    expect(secrets.json(value)).toBe('{"conclusion":"the ***","list":[{"a":"***","n":1,"none":null}]}')
    expect(secrets.json(undefined)).toBeUndefined()
    expect(secrets.json('conclusion')).toBe('"***"')
  })
})

describe('a text that comes in pieces', () => {
  const secrets = secretsOf(token, 'ghs_0123456789abcdef')
  const inLines = manners['in Base64 in lines']?.(token) ?? ''
  const words = fc.constantFrom(
    token,
    encodeURIComponent(token),
    inLines.replaceAll('\n', '\\\n'),
    inLines.replaceAll(/\w/g, (letter) => `\\u{${letter.charCodeAt(0).toString(16)}}`),
    manners['in Base64 in lines with an indent']?.(token) ?? '',
    manners['in UTF-16, read as UTF-8']?.(inLines) ?? '',
    'ghs_0123456789abcdef',
    ' ',
    '\n',
    'x',
    '%2',
  )
  const cutUp = (text: string, cuts: readonly number[]) => {
    const lines = new CleanLines(secrets)
    const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
    const pieces = places.slice(1).map((end, index) => text.slice(places[index], end))
    return pieces.map((piece) => lines.write(piece)).join('') + lines.end()
  }

  test('is the same as one that comes at once', () => {
    fc.assert(
      fc.property(fc.array(words), fc.array(fc.nat()), (parts, cuts) => {
        const text = parts.join('')
        expect(cutUp(text, cuts)).toBe(secrets.redact(text))
      }),
    )
  })

  test('goes on before the end of a line that is too long to wait for', () => {
    const long = 'y'.repeat(secrets.longest)
    fc.assert(
      fc.property(fc.array(words, { minLength: 8 }), fc.nat(), (parts, seed) => {
        const middle = `x${parts.join('')}`
        const text = `${long}${middle}${long}${token}${long}`
        // What goes on after the first piece ends within what is in the middle.
        const first = 2 * long.length + 1 + (seed % middle.length)
        expect(cutUp(text, [first, first + 300, first + long.length])).toBe(secrets.redact(text))
        const lines = new CleanLines(secrets)
        expect(lines.write(text).length).toBeGreaterThan(long.length)
      }),
      { numRuns: 20 },
    )
  })

  test('may be one long line of secrets that are escaped twice', () => {
    const twice = (text: string) => manners['in JSON, every character']?.(text) ?? ''
    const text = `"${'y'.repeat(60_000)}${twice(twice(token)).repeat(20)}"`
    const pieces = Array.from({ length: Math.ceil(text.length / 16_384) }, (_, at) => at * 16_384)
    expect(cutUp(text, pieces)).toBe(secrets.redact(text))
  })

  test('is looked through at 1 MiB at a time at the most, however long a secret may be', () => {
    expect(secretsOf('x'.repeat(2000)).longest).toBe(1024 * 1024)
  })

  test('may be one long line of a secret that is escaped as often, and at such a length, as can be', () => {
    const long = (text: string) => manners['in HTML, as long as can be']?.(text) ?? ''
    const text = `"${'y'.repeat(70_000)}${long(long(long(token)))}${'y'.repeat(100)}"`
    const pieces = Array.from({ length: Math.ceil(text.length / 4096) }, (_, at) => at * 4096)
    expect(cutUp(text, pieces)).toBe(`"${'y'.repeat(70_000)}***${'y'.repeat(100)}"`)
  })

  describe('in which each secret overlaps the next', () => {
    // One letter of each is the beginning of another.
    const chained = ['a-secret-word-b', 'b-secret-word-c', 'c-secret-word-a']
    const link = chained.map((one) => one.slice(0, -1)).join('')
    class Counting extends Secrets {
      looked = 0
      override spansIn(text: string, level?: number) {
        this.looked += text.length
        return super.spansIn(text, level)
      }
    }
    const written = (length: number) => {
      const counting = new Counting()
      for (const one of chained) counting.add(one)
      const lines = new CleanLines(counting)
      let clean = ''
      const text = `<${link.repeat(length / link.length)}a>`
      for (let at = 0; at < text.length; at += 16_384) clean += lines.write(text.slice(at, at + 16_384))
      return { clean, rest: lines.end(), looked: counting.looked }
    }

    test('goes on as well, with one mask for all', () => {
      const { clean, rest } = written(1e6)
      expect([clean, rest]).toEqual(['<***', '>'])
    })

    test('takes twice as long for twice the text', () => {
      expect(written(2e6).looked / written(1e6).looked).toBeLessThan(2.2)
    })
  })

  test('goes on line by line, but for what may be followed by more of the same Base64', () => {
    const lines = new CleanLines(secrets)
    expect(lines.write('{"a":1}\n{"b"')).toBe('{"a":1}\n')
    expect(lines.write(':2}\nabc \n')).toBe('{"b":2}\n')
    expect(lines.write('def\n')).toBe('')
    expect(lines.write('.\n')).toBe('abc \ndef\n.\n')
    const wide = `abc${' '.repeat(101)}\n`
    expect(lines.write(wide)).toBe(wide)
    expect(lines.end()).toBe('')
  })
})
