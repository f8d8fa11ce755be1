import type { Report } from '../../report/report.ts'
import { code, prose } from '../../text/escape.ts'
import { count, number, size } from '../../text/numbers.ts'
import { type Page, tableHead, tableRow } from '../../text/page.ts'
import { addEntries, addMovedDelegates } from '../tables.ts'
import { storageFacts, storageTitle } from './storage.ts'

const most = 200

/** What somebody may want to look up, in one fold whose title is its contents in numbers. */
export function addDetails(page: Page, report: Report): void {
  const parts = [
    ...entriesParts(report),
    storagePart(report),
    onlyHerePart(report),
    verifiedPart(report),
    delegatesPart(report),
    listingPart(report),
  ].filter((part) => part !== undefined)
  if (parts.length === 0) return
  page.add(`<details><summary>${parts.map(({ title }) => title).join(' · ')}</summary>`)
  for (const { add } of parts) add(page)
  page.add('</details>')
}

interface Part {
  readonly title: string
  readonly add: (page: Page) => void
}

function entriesParts({ backup, update, service, dryRun }: Report): Part[] {
  const name = prose(service)
  const lists = [
    [backup?.pinned, 'pinned on the node'],
    [backup?.pending, dryRun ? 'to be pinned on the node' : 'left for the next run'],
    [update?.pinned, `pinned at ${name}`],
    [update?.pending, `on the way to ${name}`],
    [update?.unsent, dryRun ? `to be sent to ${name}` : 'not sent'],
  ] as const
  return lists.flatMap(([entries, what]) => {
    if (entries === undefined || entries.length === 0) return []
    const title = `${number(entries.length)} ${what}`
    return [
      {
        title,
        add: (page) => {
          page.add(`#### ${title}`)
          addEntries(page, entries, most)
        },
      },
    ]
  })
}

function storagePart({ storage, leftBy }: Report): Part | undefined {
  const title = storage === null ? undefined : storageTitle(storage)
  if (storage === null || title === undefined) return undefined
  return {
    title,
    add: (page) => {
      page.add('#### Disk and money')
      page.add(storageFacts(storage, leftBy))
    },
  }
}

function onlyHerePart({ node, buckets, inspect }: Report): Part | undefined {
  if (node === null || buckets.length === 0 || inspect.length > 0 || node.onlyHere === 0) return undefined
  const { onlyHere, onlyHereProved, onlyHereExamples } = node
  const title = `${onlyHereProved ? '' : 'at most '}${number(onlyHere)} only on the node`
  return {
    title,
    add: (page) => {
      page.add(`#### ${onlyHereProved ? title : title.replace(/^a/, 'A')}`)
      const them = onlyHere === 1 ? 'it' : 'them'
      page.add(
        onlyHereProved
          ? `No bucket has ${them}, in any status.`
          : `No bucket was seen to have ${them}, in any status; but not every bucket is proved complete.`,
      )
      page.block({ rows: onlyHereExamples, most: 20, of: onlyHere })
    },
  }
}

function verifiedPart({ verify }: Report): Part | undefined {
  if (verify === null || verify.buckets.length < 2 || verify.buckets.every(({ cids }) => cids === 0))
    return undefined
  const title = `${number(verify.checked)} read again`
  return {
    title,
    add: (page) => {
      page.add('#### How far the buckets are verified')
      page.list({
        head: tableHead(['Bucket', '#Pinned', '#In 30 days', '#Bytes', '#Never', '#Broken', 'Oldest']),
        rows: verify.buckets,
        row: ({ name, cids, recent, recentBytes, never, broken, oldest }) =>
          tableRow([
            code(name, 60),
            number(cids),
            number(recent),
            size(recentBytes),
            ...[never, broken].map((n) => (n === 0 ? '' : number(n))),
            oldest ?? '',
          ]),
        most,
      })
    },
  }
}

function delegatesPart({ delegates }: Report): Part | undefined {
  const { peered, saved, known } = delegates
  const apart = peered.filter((peer) => !peer.connected)
  const hasMoved = known.some(({ otherAddrs }) => otherAddrs.length > 0)
  if (peered.length === 0 && !hasMoved) return undefined
  const connected = peered.length - apart.length
  return {
    title:
      peered.length === 0
        ? 'delegates at other addresses'
        : `${number(connected)} of ${count(peered.length, 'delegate')} connected`,
    add: (page) => {
      if (apart.length > 0 || saved !== null) page.add('#### Delegates')
      if (saved !== null) page.add(savedSentence(saved))
      if (apart.length > 0)
        page.list({
          head: tableHead(['Not connected', 'Why']),
          rows: apart,
          row: ({ peerId, answered, reason }) =>
            tableRow([
              code(peerId),
              [answered ? 'It was, earlier in this run.' : '', reason === null ? '' : code(reason, 200)]
                .filter((one) => one !== '')
                .join(' '),
            ]),
          most,
        })
      addMovedDelegates(page, known)
    },
  }
}

/** What `peering: save` did. */
function savedSentence(saved: NonNullable<Report['delegates']['saved']>): string {
  if (!saved.isWritten) return 'The node’s config had them all: nothing was written.'
  const removed = saved.removed === 0 ? '' : `; ${number(saved.removed)} that were not seen for long made way`
  return `The node’s config got ${count(saved.added, 'peer')}, and new addresses of ${number(saved.extended)} of this mirror’s${removed}.`
}

function listingPart({ buckets, service }: Report): Part | undefined {
  if (buckets.length === 0) return undefined
  const requests = buckets.reduce((sum, { listing }) => sum + listing.httpRequests, 0)
  return {
    title: `${count(requests, 'HTTP request')} to ${prose(service)}`,
    add: (page) => {
      page.add('#### How the buckets were listed')
      page.list({
        head: tableHead(['Bucket', 'Listing', '#HTTP requests', '#Added', '#Removed', '#Changed']),
        rows: buckets,
        row: ({ name, listing }) =>
          tableRow([
            code(name, 60),
            `${listing.mode}, ${listing.complete ? 'complete' : '**not complete**'}`,
            number(listing.httpRequests),
            ...[listing.added, listing.removed, listing.changed].map((n) => (n === 0 ? '' : number(n))),
          ]),
        most,
      })
      page.list({
        rows: buckets.flatMap(({ name, listing }) => listing.notes.map((note) => ({ name, note }))),
        row: ({ name, note }) => `- ${code(name, 60)}: ${prose(note, 500)}`,
        most,
      })
    },
  }
}
