import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { describe, expect, test } from 'vitest'
import { code, codeBlock, logLine, prose } from '../../../src/text/escape.ts'
import { hostileTexts } from '../report/samples.ts'

const hostile = fc
  .array(fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'binary' }), fc.string()), {
    maxLength: 4,
  })
  .map((parts) => parts.join(''))

/** As GitHub renders it, but for its filters. */
function render(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  })
}

const tags = (html: string) => html.match(/<[^>]*>/g) ?? []

function textOf(html: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?:#(\d+)|(\w+));/g, (_, digits, name) =>
      digits === undefined ? (names[name] ?? '?') : String.fromCharCode(digits),
    )
}

describe('code', () => {
  test('comes to nothing but code in a paragraph', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const found = tags(render(`a ${code(text)} b`)).filter((tag) => tag !== '<wbr>')
        expect(found).toEqual(['<p>', '<code>', '</code>', '</p>'])
      }),
    )
  })

  test('fills one cell of a table, whatever it holds', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const html = render(`| x | y |\n| --- | --- |\n| ${code(one)} | ${code(other)} |\n`)
        expect(html.match(/<tr>/g)).toHaveLength(2)
        expect(html.match(/<td>/g)).toHaveLength(2)
        expect(
          tags(html).filter((tag) => !/^<\/?(table|thead|tbody|tr|th|td|code)>$|^<wbr>$/.test(tag)),
        ).toEqual([])
      }),
    )
  })

  test('shows visible text as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 128 }), (text) => {
        expect(textOf(code(text))).toBe(text)
      }),
    )
  })

  test('cuts what GitHub would take for an e-mail address: it resolves entities first', () => {
    expect(code('a@b.c')).toBe('<code>a<wbr>&#64;b&#46;c</code>')
  })

  test('has no invisible or control character', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(code(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029\u3164\ud800-\udfff]/u)
      }),
    )
    expect(code('a\u202eb\u200bc\u0000d\ud800')).toBe('<code>a\ufffdb\ufffdc\ufffdd\ufffd</code>')
    expect(code('❤\ufe0f')).toBe('<code>❤\ufe0f</code>')
  })

  test.each([
    ['abcde', 5, 'abcde'],
    ['abcdef', 5, 'abcd…'],
    ['😀😀😀', 3, '😀😀😀'],
    ['😀😀😀😀', 3, '😀😀…'],
  ])('%j in at most %i characters is %j', (text, most, shown) => {
    expect(code(text, most)).toBe(`<code>${shown}</code>`)
  })

  test('is not held up by a huge text', () => {
    expect(code('|'.repeat(10_000_000), 10)).toBe(`<code>${'&#124;'.repeat(9)}…</code>`)
  })
})

test('a block of lines to copy holds nothing but its lines', () => {
  fc.assert(
    fc.property(fc.array(hostile), (lines) => {
      const html = render(`${codeBlock(lines)}\n\nafter`)
      expect(tags(html)).toEqual(['<pre>', '</pre>', '<p>', '</p>'])
      expect(codeBlock(lines).split('\n')).toHaveLength(Math.max(1, lines.length) + 2)
    }),
  )
})

describe('logLine', () => {
  // What the runner does with a line: ActionCommand.TryParseV2 trims and looks at the start, TryParse looks anywhere.
  const isCommand = (line: string) => line.trim().startsWith('::') || line.includes('##[')

  test('is one line, without control characters, and never a workflow command', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom('', '::', '##[', '#', ' ::', '\u0085::'), (text, start) => {
        const line = logLine(start + text)
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029\ud800-\udfff]/u)
        expect(isCommand(line)).toBe(false)
      }),
    )
  })

  test.each([
    ['plain text: 12 of 13', 'plain text: 12 of 13'],
    ['::error::x', ': :error::x'],
    ['\n ::error::x', '  : :error::x'],
    ['see ##[error]x', 'see # #[error]x'],
    ['###[x]', '## #[x]'],
    ['a\nb\tc', 'a b c'],
    ['\u001b[31mred', '\ufffd[31mred'],
  ])('%j becomes %j', (text, line) => {
    expect(logLine(text)).toBe(line)
  })
})

describe('prose', () => {
  test.each([
    ['a word, and another: 1,234 of 20.5%', 'a word, and another: 1,234 of 20.5%'],
    ['set `dry-run: true` there', 'set <code>dry-run&#58; true</code> there'],
    [
      'the node at http://127.0.0.1:5001 (status 401).',
      'the node at <code>http&#58;//127&#46;0&#46;0&#46;1&#58;5001</code> (status 401).',
    ],
    ['ask @someone', 'ask <code><wbr>&#64;someone</code>'],
    ['an odd ` sign', 'an odd <code>&#96;</code> sign'],
    ['the service’s own', 'the service’s own'],
    ["the service's delegates don't", "the service's delegates don't"],
    ["the peers' words: 'ipfs daemon'.", "the peers' words: 'ipfs daemon'."],
    ["a name such as '@someone'", "a name such as '<code><wbr>&#64;someone</code>'"],
    ['by 26 Nov 2026, 09:36 UTC', 'by 26 Nov 2026, 09:36 UTC'],
    ['all of 01234567%', 'all of <code>01234567&#37;</code>'],
    ['one\ntwo', 'one<br>two'],
    ['1. no list', '1&#46; no list'],
    ['- no list', '&#45; no list'],
  ])('%s', (text, expected) => {
    expect(prose(text)).toBe(expected)
  })

  test('leaves nothing outside of code that comes alive, whatever it is given', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const html = render(`- **a** ${prose(text)} b`)
        expect(tags(html).filter((tag) => !/^<\/?(ul|li|strong|code|br|wbr)>$/.test(tag))).toEqual([])
        const words = html.replaceAll(/<code>.*?<\/code>/gs, '').replaceAll(/<[^>]*>/g, ' ')
        expect(words).not.toMatch(/@|#\w|\bGH-\d|\bwww\.|:\/\/|\b[\da-f]{7,}\b/i)
      }),
      { numRuns: 500 },
    )
  })

  test('shows visible text as it is, but for backticks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 128 }), (text) => {
        const shown = textOf(render(`a${prose(text)}b`)).trimEnd()
        expect(shown.replaceAll(/[`\s]/g, '')).toBe(`a${text}b`.replaceAll(/[`\s]/g, ''))
      }),
    )
  })
})
