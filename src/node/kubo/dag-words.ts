/**
 * What Kubo says of a DAG, in words alone (Kubo 0.36 to 0.43). What it means stands at the end. Before that it quotes
 * what is of the uploader, such as the keys of maps on the way to a block: those may be any words, these among them.
 */
const signs = {
  missing: /(?:^|: )ipld: could not find (\w+)(?: \(currently offline, perhaps retry [a-z ]+\))?$/,
  /** `refs` says it where a block below the first is not there. */
  missingBelow: /^failed to fetch all nodes$/,
  corrupt: /(?:^|: )hash mismatch! {2}\w+ \(actual\) != (\w+) \(expected\)$/,
  brokenOff: /(?:^|: )context (?:canceled|deadline exceeded)$|\bclosed(?: pipe| network connection)?$/,
  altered: /(?:^|: )mismatch in content integrity, expected: \w+, got: \w+$/,
}

/** As Go quotes: a quote within is escaped. One that is cut off goes on to the end, so that no part is looked at twice. */
const quoted = /"(?:[^"\\]|\\.)*"?/gs

const unquoted = (words: string) => words.replaceAll(quoted, '""')

/** Why a DAG was not read to its end. `block`: the CID of the block, where Kubo names it. */
export type Unreadable =
  | { readonly how: 'broken-off' }
  | { readonly how: 'missing' | 'corrupt'; readonly block: string | undefined }

export function whyUnreadable(words: string): Unreadable {
  const own = unquoted(words)
  if (signs.brokenOff.test(own)) return { how: 'broken-off' }
  const missing = signs.missing.exec(own)
  if (missing !== null) return { how: 'missing', block: missing[1] }
  return { how: 'corrupt', block: signs.corrupt.exec(own)?.[1] }
}

/** Whether `refs` says that a block is not there. */
export function isNotThere(words: string): boolean {
  const own = unquoted(words)
  return signs.missing.test(own) || signs.missingBelow.test(own)
}

/** Whether `dag/import` says that a block is not that of its CID. */
export function isAltered(words: string): boolean {
  return signs.altered.test(unquoted(words))
}
