/** What may be odd about a row, by name: what a service shows in the place of a request. */
const forms = {
  'a status outside the four': (row: object) => ({ ...row, status: 'archived' }),
  'no date': (row: object) => ({ ...row, created: null }),
  'a date without its offset': (row: object) => ({ ...row, created: '2023-05-01T00:00:00' }),
  'no requestid': ({ requestid: _, ...row }: { requestid?: string }) => row,
  'a requestid of 2 kB': (row: object) => ({ ...row, requestid: 'x'.repeat(2048) }),
  'no cid': (row: object) => ({ ...row, pin: { cid: null } }),
  null: () => null,
} as const

export type OddForm = keyof typeof forms
export const oddForms = Object.keys(forms) as readonly OddForm[]

export function inOddForm(form: OddForm, row: object): unknown {
  return forms[form](row)
}
