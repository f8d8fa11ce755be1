/** So many times in a row a gateway may be late in saying no before it is waited for with less patience. */
const tooOften = 4
/** By then most say that they have found nobody, or begin to give, in ms. */
const shortPatience = 15_000

/** How a gateway does in this run. */
export interface AskedGateway {
  /** It is asked for so many CIDs now. */
  readonly asked: number
  /** How often it was late in saying that it does not have a CID, since it last gave one. */
  readonly lateNos: number
}

/** Whether it took long to say that it does not have a CID. */
export function isLate(ms: number, stallTimeout: number): boolean {
  return ms >= shortOf(stallTimeout)
}

/** How long a gateway may take, in ms, before it begins to give anything: dead CIDs must not cost the run. */
export function patienceWith({ lateNos }: AskedGateway, stallTimeout: number): number {
  return lateNos < tooOften ? stallTimeout : shortOf(stallTimeout)
}

/**
 * The one that is asked next for a CID. One that holds its share of what is asked at once makes way for others, so that
 * none that is slow starves them; and so does one that is late again and again. Else the first.
 * @param gateways those that were not asked for it yet
 * @param options.sharing so many share what is asked at once
 */
export function nextToAsk<T extends AskedGateway>(
  gateways: readonly T[],
  { atOnce, sharing }: { readonly atOnce: number; readonly sharing: number },
): T | undefined {
  const share = Math.max(1, Math.floor(atOnce / sharing))
  const rank = ({ asked, lateNos }: AskedGateway) => (asked < share ? 0 : 2) + (lateNos < tooOften ? 0 : 1)
  return gateways.toSorted((a, b) => rank(a) - rank(b))[0]
}

function shortOf(stallTimeout: number): number {
  return Math.min(shortPatience, stallTimeout / 2)
}
