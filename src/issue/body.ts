import { isKnown } from '../domain/reasons/classes.ts'
import { addLinesToPaste } from '../summary/tables.ts'
import { code, codeBlock } from '../text/escape.ts'
import { count, number } from '../text/numbers.ts'
import { Page, tableHead, tableRow } from '../text/page.ts'
import { reasonWords } from '../text/reasons.ts'
import { idsOf } from './keys.ts'
import { renderNow } from './now.ts'
import { nothingUnseen, type Told, tellsTheSame, toldIn, toldLine, type Unseen, withTold } from './told.ts'
import { type FailedAlike, type Kind, kinds, needsPerson, type Tracked } from './tracked.ts'
import { nouns, placesIn, time, titleOf } from './words.ts'

/** GitHub takes no longer body; it counts characters, which are never more than bytes. */
const limit = 65_536

/** The hidden first line by which a mirror finds its issue. */
export function markerOf(mirror: string): string {
  return `<!-- ipfs-pin-mirror: ${mirror} -->`
}

/** The issue's body: the same for the same state, but for the lines that name the run and when it was. */
export function renderIssueBody(facts: {
  readonly marker: string
  readonly cacheKey: string
  readonly runUrl: string
  /** In order. */
  readonly tracked: Tracked
  readonly told: Told
  readonly unseen?: Unseen
  /** What the hidden line says was told, where that is not the same. */
  readonly memory?: Told
}): string {
  const { tracked, told, unseen = nothingUnseen, memory = told } = facts
  const line = toldLine(memory)
  const page = new Page(limit - line.length - 1024, 8 * 1024)
  page.add(facts.marker)
  page.add(renderNow(told, tracked, unseen, facts.runUrl))
  addPassing(page, tracked)
  // First, for no report has them.
  for (const kind of kinds) addUnseen(page, kind, unseen)
  for (const alike of tracked.failures.alike) addFold(page, alike)
  addOthers(page, tracked)
  if (tracked.unknownDelegates.length > 0) {
    page.add(`### New delegates: ${number(tracked.unknownDelegates.length)}`)
    addLinesToPaste(page, tracked.unknownDelegates, tracked.knownDelegates)
  }
  page.add(
    `What the mirror ${code(facts.cacheKey, 80)} cannot put right by itself. Its runs keep this text up to date, comment when something changes, and close the issue when nothing is left; edits to it are overwritten.`,
  )
  page.add(`Last changed by [this run](${facts.runUrl}).`)
  page.add(line)
  return page.toString()
}

/** Whether two bodies say the same, whichever run wrote them. */
export function saysTheSame(one: string, other: string): boolean {
  return withoutRun(one) === withoutRun(other) && tellsTheSame(toldIn(one), toldIn(other))
}

const withoutRun = (body: string) =>
  withTold(body, undefined)
    .replaceAll('\r\n', '\n')
    .replace(/^Last changed by .*$/m, '')
    .trimEnd()

function addPassing(page: Page, { failures }: Tracked): void {
  const passing = failures.alike.filter((alike) => alike.kind !== 'request' && !needsPerson(alike))
  if (passing.length === 0) return
  page.add('### Fails for now, and is tried again')
  page.list({
    head: tableHead(['#CIDs', 'Why', 'Where', 'Oldest (UTC)', 'Next try (UTC)']),
    rows: passing,
    row: (alike) =>
      tableRow([
        number(alike.cids),
        titleOf(alike),
        placesIn(alike),
        time(alike.oldest),
        alike.next === null ? '' : time(alike.next),
      ]),
    most: passing.length,
  })
  page.add(
    'Each is tried again less and less often, down to once a day. A run started by hand tries all at once.',
  )
}

/** What is told of those that failed alike, and their CIDs to copy: as many as there is room for. */
function addFold(page: Page, alike: FailedAlike): void {
  const { class: reasonClass, cids, first, reason } = alike
  const advice = reasonWords(reasonClass).advice
  const said = isKnown(reasonClass) && reason !== '' ? `\n\n${code(reason, 300)}` : ''
  for (const most of [500, 100, 20, 0]) {
    const shown = first.slice(0, most)
    const left = cids - shown.length
    const more = left > 0 ? `\n\n…and ${number(left)} more: the JSON report has all of them.` : ''
    const list = shown.length > 0 ? `\n\n${codeBlock(shown)}` : ''
    const title = `<b>${count(cids, 'CID')} · ${titleOf(alike)}</b> · ${placesIn(alike)}`
    if (page.tryAdd(`<details><summary>${title}</summary>\n\n${advice}${said}${list}${more}\n\n</details>`))
      return
  }
}

/** Those that are known by name only, to copy. */
function addUnseen(page: Page, kind: Kind, { keys }: Unseen): void {
  const ids = idsOf(keys, kind)
  if (ids.length === 0) return
  const title = `<b>${number(ids.length)} ${nouns[kind]}</b> · not seen by the last run`
  // As many as are remembered by name have room; somebody may have written more there.
  page.tryAdd(`<details><summary>${title}</summary>\n\n${codeBlock(ids)}\n\n</details>`)
}

function addOthers(page: Page, { failures }: Tracked): void {
  const all = Object.values(failures.others)
  const cids = all.reduce((sum, one) => sum + one.cids, 0)
  const reasons = all.reduce((sum, one) => sum + one.reasons, 0)
  if (cids > 0)
    page.add(
      `And ${count(cids, 'CID')} for ${count(reasons, 'other reason')}: the JSON report has all of them.`,
    )
}
