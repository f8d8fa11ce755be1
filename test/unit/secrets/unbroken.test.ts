import { expect, test } from 'vitest'
import { endOfLines, unbroken } from '../../../src/secrets/unbroken.ts'

test('breaks between two letters of Base64 are left out, with what is blank beside them', () => {
  for (const end of ['\n', '\r\n', ' \r\n\t  ', '\n\n', `\n${' '.repeat(99)}`]) {
    const text = unbroken(`.\nab+/${end}-_cd==${end}.`)
    expect(text.text).toBe(`.\nab+/-_cd==${end}.`)
    expect(text.sourceOf({ start: 5, end: 6 })).toEqual({ start: 5, end: 6 })
    expect(text.sourceOf({ start: 5, end: 7 })).toEqual({ start: 5, end: 7 + end.length })
    expect(text.sourceOf({ start: 6, end: 7 })).toEqual({ start: 6 + end.length, end: 7 + end.length })
  }
})

test.each(['', 'a b', 'a\tb', 'a\r', '\na', 'a\n', 'a,\nb', 'a\n"b', `a\n${' '.repeat(100)}b`])(
  'all others stay (%j)',
  (text) => {
    expect(unbroken(text).text).toBeUndefined()
  },
)

test('lines end where nothing of the same can follow', () => {
  expect(endOfLines('a\n}\nb', 0)).toBe(4)
  expect(endOfLines('}\na\nb\n&#65;\n\\/\nc', 0)).toBe(2)
  expect(endOfLines('} \r\na \r\n', 0)).toBe(4)
  expect(endOfLines('}\0\r\0\n\0a\0\n\0', 0)).toBe(5)
  expect(endOfLines('}\na\n', 2)).toBe(0)
  expect(endOfLines(`}\na${' '.repeat(101)}\n`, 0)).toBe(105)
  expect(endOfLines('\n', 0)).toBe(1)
  expect(endOfLines('a', 0)).toBe(0)
  expect(endOfLines('}\na\\\nb\\ \n\\u{41}\n\\u{d}\n', 0)).toBe(2)
})

test.each([
  '{}',
  '{"a":5}',
  '{"a": -1.5e+3}',
  '[{"a":true}',
  '{"a":{}}',
  '{"a":[]}',
  '{"a":"b"}',
  '{\n}',
  '} }',
])('those of JSON are waited for by nobody (%j)', (line) => {
  expect(endOfLines(`${line}\n`, 0)).toBe(line.length + 1)
})
