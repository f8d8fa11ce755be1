import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { openSnapshot, type Snapshot } from '../../../src/snapshot/open.ts'
import { transaction } from '../../../src/snapshot/transaction.ts'
import { Workspace } from './workspace.ts'

const one = '/ip4/203.0.113.5/tcp/4001/p2p/12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj'
const two = '/dns4/ipfs.example/tcp/4001/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'

function openIn(workspace: Workspace): Snapshot {
  return openSnapshot(join(workspace.path, 'snapshot.sqlite'), 'mirror', expect.fail)
}

/** First and last seen, by address. */
function instants(snapshot: Snapshot): Record<string, [number, number]> {
  const rows = snapshot.db.prepare('SELECT address, first_seen, last_seen FROM delegate').all()
  return Object.fromEntries(
    rows.map((row) => [row['address'], [row['first_seen'] as number, row['last_seen'] as number]]),
  )
}

describe('when a delegate was seen', () => {
  test('is the first run and the last that an answer showed it in', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    new DelegateBook(snapshot.db, 1000).note([one, two], 'bafkqaaa')
    const book = new DelegateBook(snapshot.db, 2000)
    book.note([two], 'bafkqaab')

    expect(instants(snapshot)).toEqual({ [one]: [1000, 1000], [two]: [1000, 2000] })
    // The example stays the first.
    expect(snapshot.db.prepare('SELECT DISTINCT example_cid AS cid FROM delegate').all()).toEqual([
      { cid: 'bafkqaaa' },
    ])
  })

  test('is given with the address', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const set = new DelegateBook(snapshot.db, 1000).note([one], 'bafkqaaa')
    snapshot.db.exec("INSERT INTO bucket (id, name) VALUES (1, 'main')")
    snapshot.db
      .prepare(
        "INSERT INTO request (bucket, created, requestid, status, cid_text, delegates) VALUES (1, 1, 'a', 2, 'x', ?)",
      )
      .run(set)
    const book = new DelegateBook(snapshot.db, 2000)
    book.note([one, two], 'bafkqaaa')

    const seen = book.seenIn([{ name: 'main', id: 1 }])

    expect(seen).toEqual([expect.objectContaining({ address: one, firstSeen: 1000, lastSeen: 2000 })])
  })

  test('is written once for each address in a run, whatever lists it is in', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    new DelegateBook(snapshot.db, 1000).note([one, two], 'bafkqaaa')
    const book = new DelegateBook(snapshot.db, 2000)
    const changes = () => snapshot.db.prepare('SELECT total_changes() AS n').get()?.['n'] as number
    const before = changes()

    for (let request = 0; request < 1000; request++) book.note([one, two], 'bafkqaaa')
    for (let request = 0; request < 1000; request++) book.note([two, one], 'bafkqaaa')

    expect(changes() - before).toBe(2)
  })

  test('is written again after what was written was rolled back', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    new DelegateBook(snapshot.db, 1000).note([one], 'bafkqaaa')
    const book = new DelegateBook(snapshot.db, 2000)
    const work = () => {
      book.note([one, two], 'bafkqaaa')
      throw new Error('the page')
    }
    expect(() => transaction(snapshot.db, work)).toThrow('the page')
    book.forget()
    expect(instants(snapshot)).toEqual({ [one]: [1000, 1000] })

    book.note([one, two], 'bafkqaaa')

    expect(instants(snapshot)).toEqual({ [one]: [1000, 2000], [two]: [2000, 2000] })
  })
})
