import { allEnded } from '../all-ended.ts'
import {
  everything,
  isCheaperToRead,
  overlapOf,
  surelyInside,
  type Window,
  wholeSeconds,
} from '../domain/windows.ts'
import { inSlices } from '../in-slices.ts'
import type { Part } from '../snapshot/bucket/timeline.ts'
import { countIn } from './ask.ts'
import { decided, type Listing } from './listing.ts'
import { gridFor, loseGrid } from './manners/bounds.ts'
import { askWindow } from './pages.ts'
import { partsAround, partsOf, reread, unknownPart } from './parts.ts'
import { readParts } from './read.ts'
import { takePage } from './take.ts'

/** How far below the newest known request new ones are looked for, ms of the service's own time. */
const overlap = 10 * 60_000
const passes = 6

/**
 * How it was proved that the snapshot holds what the service has. Where one answer showed the whole bucket, all
 * statuses are proved too.
 */
export type Proof = 'by-counts' | 'by-one-answer' | 'none'

/**
 * Makes the snapshot agree with the service, and proves that it does. The head (the newest requests) may change at
 * any moment, so it is read whole, in one answer. If the service counts as many requests below the head as the
 * snapshot has, nothing has changed there. If not, the parts that differ are found by counting and read again, until
 * a pass finds everything equal.
 */
export async function prove(listing: Listing): Promise<Proof> {
  const { requests, state, changes, odd, manners } = listing
  let why = 'requests come in faster than they can be listed'
  let isOff = false
  let last: { readonly off: number; readonly rows: number } | undefined
  let inVain = 0
  const rows = () => changes.added + changes.vanished + changes.returned
  for (let pass = 1; pass <= passes; pass++) {
    const { grid } = manners
    const counted = await readHead(listing)
    if (counted === 'all-shown') return 'by-one-answer'
    if (manners.honestCount === false) return 'none'
    // Nor does the count where the service turned out not to take the bounds.
    if (counted === 'says-nothing' || (grid !== undefined && manners.grid !== grid)) continue
    const { window, count } = counted
    const ours = requests.count(window)
    const off = count - ours
    decided(listing, off === 0 ? 'equal' : 'differs', window, count, ours)
    if (off === 0) {
      const doubled = await inSlices(
        requests.doubled.instants(state.hasDoubled ? 'all' : 'new'),
        listing.signal,
      )
      state.hasDoubled = doubled.length > 0
      if (doubled.length === 0) return 'by-counts'
      why = 'the service shows requests at two instants each, in whose place others may be missing'
      if (pass > 2) break
      await reread(listing, await partsAround(listing, doubled))
      continue
    }
    // The service counts rows that cannot be read, and those cannot be listed.
    if (off > 0 && off <= odd.size) return 'none'
    // Reading changed nothing, and the counts differ by as much as before, so one more pass is of no use. Where not
    // everything was read it is tried once more, as something may have come and gone just then.
    const isInVain = last?.off === off && last.rows === rows()
    if (isInVain && (listing.isRead || ++inVain === 2)) break
    last = { off, rows: rows() }
    isOff = true
    why = `the service counts ${count} requests below the newest, and ${ours} could be listed`
    await reconcile(listing, window, count)
  }
  // The service may keep finer instants than it shows, or no longer honour fine bounds. Then counts between fine
  // bounds say nothing.
  if (isOff && manners.grid !== undefined && manners.grid.sure < wholeSeconds.sure)
    loseGrid(listing, wholeSeconds)
  else listing.gaps.add(why)
  return 'none'
}

/**
 * Reads what is new at the head; where one page holds the whole bucket, all of it.
 * @returns the window that no single answer showed whole, and how many requests the service counts in it;
 *   `says-nothing` where that count does
 */
async function readHead(listing: Listing): Promise<Part | 'all-shown' | 'says-nothing'> {
  const { requests, state, changes, manners } = listing
  const newest = requests.newest()
  const all = requests.count(everything)
  const isSmall = newest === undefined || all <= manners.pageSize
  const window = isSmall ? everything : await headWindow(listing, newest, all)
  const below = await belowOf(listing, window)
  const { grid } = manners
  const countBelow = async () => (below === null ? 0 : countIn(listing, below))
  // Where everything was read just now, hardly anything is new: then both at once, as these are round trips.
  const [{ page, shown, rest }, countedEarly] = await allEnded([
    askWindow(listing, window),
    listing.isRead ? countBelow() : undefined,
  ])
  decided(listing, 'read', window, page.count, page.requests.length)
  const isWhole = shown?.window === window
  const unread = isWhole ? [] : await newerThan(listing, newest, shown?.window ?? null, rest)
  // In one transaction with the page. Else a kill would leave a gap below the page, which the next run would not see:
  // it looks for what is new above the newest known request.
  await takePage(listing, page.requests, shown, () => state.addUnread(unread))
  if (isWhole && window.after === null && shown.isOneAnswer) return 'all-shown'
  if (unread.length > 0) {
    const { added, returned } = changes
    // What is new is read even where the counts are equal: a request that replaces another leaves them as they were.
    await readParts(listing, unread.map(unknownPart))
    // These may not be in the answer's count, so that they could hide as many others that are missing.
    if (changes.added > added || changes.returned > returned) return 'says-nothing'
  }
  // The answer has shown that the service does not take the bound between the two.
  if (below !== null && manners.grid !== grid) return 'says-nothing'
  const older = countedEarly ?? (await countBelow())
  // Several answers do not show the head at one moment, so everything is counted anew: once what is below it agrees, for
  // what came at the head since would make up for what is gone there.
  if (shown?.isOneAnswer === false)
    return below !== null && older !== requests.count(below)
      ? { window: below, count: older }
      : { window: everything, count: await countIn(listing, everything) }
  return isWhole && below !== null
    ? { window: below, count: older }
    : { window: everything, count: page.count + older }
}

/** What lies below the head; `null` where the head is all there is. */
async function belowOf(listing: Listing, { after }: Window): Promise<Window | null> {
  return after === null ? null : { after: null, before: after + overlapOf(await gridFor(listing)) }
}

/** The windows of all that was created since an instant; none where an answer has shown it. */
async function newerThan(
  listing: Listing,
  newest: number | undefined,
  shown: Window | null,
  rest: readonly Window[],
): Promise<readonly Window[]> {
  if (newest === undefined) return rest
  const grid = await gridFor(listing)
  if (shown !== null && shown.before === null && surelyInside(shown, newest, grid)) return []
  return [{ after: newest - grid.sure, before: null }]
}

/**
 * The window of the head: the requests of the overlap, but so few that one answer shows them together with some new
 * ones.
 */
async function headWindow(listing: Listing, newest: number, all: number): Promise<Window> {
  const { requests, manners } = listing
  const grid = await gridFor(listing)
  const recent = requests.count({ after: newest - overlap - 1, before: null })
  const rank = all - Math.min(recent, Math.floor(manners.pageSize * 0.9))
  return { after: requests.timeline.boundNear(everything, rank, grid) ?? null, before: null }
}

/** Reads again the parts of a window in which the service's counts differ from the snapshot's. */
async function reconcile(listing: Listing, window: Window, theirs: number): Promise<void> {
  const parts = await partsOf(listing, window)
  const differ = await differing(listing, parts, theirs)
  if (differ.length === parts.length) listing.isRead = true
  await reread(listing, differ)
}

/** So many stretches are counted at once: fewer round trips than by halving, for a few requests more. */
const countedAtOnce = 5
/**
 * So few parts are read instead of counted, all but the newest: what the others hold tells how many are left for it.
 * That takes no more requests than counting.
 */
const readAtOnce = countedAtOnce

/**
 * Finds the parts that differ by dividing them again and again: the cost grows with what changed, not with the size.
 * @param theirs how many requests the service counts in the parts together
 */
async function differing(listing: Listing, parts: readonly Part[], theirs: number): Promise<readonly Part[]> {
  const ours = parts.reduce((sum, { count }) => sum + count, 0)
  decided(listing, ours === theirs ? 'equal' : 'differs', spanOf(parts), theirs, ours)
  if (ours === theirs) return []
  if (theirs <= listing.manners.pageSize) return [{ window: spanOf(parts), count: theirs }]
  if (parts.length === 1) return parts
  if (parts.length <= readAtOnce) return readOlder(listing, parts, theirs)
  if (isCheaperToRead(parts.length, Math.abs(ours - theirs))) return parts
  const length = Math.ceil(parts.length / countedAtOnce)
  const stretches = Array.from({ length: Math.ceil(parts.length / length) }, (_, index) =>
    parts.slice(index * length, (index + 1) * length),
  )
  const counts = await allEnded(stretches.slice(0, -1).map((some) => countIn(listing, spanOf(some))))
  counts.push(theirs - sum(counts))
  const found = await allEnded(
    stretches.map((some, index) => differing(listing, some, counts[index] as number)),
  )
  return found.flat()
}

/** Reads all parts but the newest. Their counts come with their requests, so that the newest often need not be read. */
async function readOlder(listing: Listing, parts: readonly Part[], theirs: number): Promise<readonly Part[]> {
  const [older, newest] = [parts.slice(0, -1), parts.slice(-1)]
  const answers = await allEnded(older.map(({ window }) => askWindow(listing, window)))
  for (const [index, { page, shown }] of answers.entries()) {
    decided(listing, 'read', older[index]?.window ?? everything, page.count, page.requests.length)
    await takePage(listing, page.requests, shown)
  }
  const cut = older.filter((_, index) => (answers[index]?.rest.length ?? 0) > 0)
  return [...cut, ...(await differing(listing, newest, theirs - sum(answers.map(({ page }) => page.count))))]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

/** The window that parts next to each other make together. */
function spanOf(parts: readonly Part[]): Window {
  return { after: parts[0]?.window.after ?? null, before: parts.at(-1)?.window.before ?? null }
}
