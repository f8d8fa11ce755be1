import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DelegateBook } from '../../../src/snapshot/delegates.ts'
import { transaction } from '../../../src/snapshot/transaction.ts'
import { peerIds } from '../../sandbox/identity.ts'
import { openUnderTest, type SnapshotUnderTest } from '../snapshot-file/open-under-test.ts'
import { Workspace } from '../snapshot-file/workspace.ts'

const one = '/ip4/203.0.113.5/tcp/4001/p2p/12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj'
const two = '/dns4/ipfs.example/tcp/4001/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'

function openIn(workspace: Workspace): SnapshotUnderTest {
  return openUnderTest(join(workspace.path, 'snapshot.sqlite'), 'mirror', expect.fail)
}

/** First and last seen, by address. */
function instants(snapshot: SnapshotUnderTest): Record<string, [number, number]> {
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
    const book = new DelegateBook(snapshot.db, 2000)
    book.note([one, two], 'bafkqaaa')

    const seen = book.seenIn([{ name: 'main', delegateLists: new Set([set as number]) }])

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

describe('whatever a service names', () => {
  const peer = '12D3KooWNZuG8phqhoNK9KWcUhwfzA3biDKNCUNVWEaJgigr6Acj'
  const at = (port: number, of = peer) => `/ip4/203.0.113.5/tcp/${port}/p2p/${of}`
  /** Notes so many addresses, 20 in each request. */
  const noteAll = (book: DelegateBook, count: number, address: (index: number) => string) => {
    for (let index = 0; index < count; index += 20)
      book.note(
        Array.from({ length: 20 }, (_, within) => address(index + within)),
        'bafkqaaa',
      )
  }
  const kept = (snapshot: SnapshotUnderTest) =>
    snapshot.db.prepare('SELECT peer_id AS peer, COUNT(*) AS count FROM delegate GROUP BY 1').all()

  test('keeps 20 addresses of a peer, and counts the others', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const book = new DelegateBook(snapshot.db, 1000)
    transaction(snapshot.db, () => noteAll(book, 132_000, at))
    expect(kept(snapshot)).toEqual([{ peer, count: 20 }])
    expect(book.leftOut).toBe(10_000)
    expect(book.note([at(1), at(131_000)], 'bafkqaaa')).toBe(book.note([at(1)], 'bafkqaaa'))
    expect(book.note([at(131_000)], 'bafkqaaa')).toBe(null)
  })

  test('keeps 1,000 peers, and counts the others', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const book = new DelegateBook(snapshot.db, 1000)
    const ids = peerIds(3000)
    transaction(snapshot.db, () => noteAll(book, ids.length, (index) => at(1, ids[index])))
    expect(kept(snapshot)).toHaveLength(1000)
    expect(book.leftOut).toBe(2000)
  })

  test('keeps little of what does not parse, and is not held up by it', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const book = new DelegateBook(snapshot.db, 1000)
    transaction(snapshot.db, () => noteAll(book, 200_000, (index) => `nonsense ${index}`))
    expect(kept(snapshot)).toEqual([{ peer: null, count: 100 }])
    expect(book.note([one], 'bafkqaaa')).toBe(null)
    expect(new DelegateBook(snapshot.db, 1000).note([one], 'bafkqaaa')).not.toBe(null)
  })

  test('keeps no more lists than fit in little room, however long they are, and again once they are carried no more', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const long = Array.from({ length: 40 }, (_, n) => `/nonsense/${'x'.repeat(900)}/${n}`)
    /** Every 20 of the 40 that a number chooses. */
    const list = (chosen: number) => long.filter((_, n) => n % 2 === ((chosen >> (n >> 1)) & 1))
    const size = () =>
      snapshot.db.prepare('SELECT count(*) AS n, total(length(addrs)) AS length FROM delegate_set').get()
    const book = new DelegateBook(snapshot.db, 1000)
    transaction(snapshot.db, () => {
      for (let chosen = 0; chosen < 1200; chosen++) book.note(list(chosen), 'bafkqaaa')
    })
    const full = size()
    expect(full?.['n']).toBeGreaterThan(1000)
    expect(full?.['length']).toBeLessThanOrEqual(20_000_000)
    expect(book.note(list(5000), 'bafkqaaa')).toBe(null)
    expect(new DelegateBook(snapshot.db, 2000).note(list(5000), 'bafkqaaa')).not.toBe(null)
    expect(size()).toMatchObject({ n: 1 })
  })

  test('keeps no more than 20,000 lists', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const some = Array.from({ length: 32 }, (_, n) => `/nonsense/${n}`)
    const book = new DelegateBook(snapshot.db, 1000)
    transaction(snapshot.db, () => {
      for (let chosen = 0; chosen < 25_000; chosen++)
        book.note(
          some.filter((_, n) => n % 2 === ((chosen >> (n >> 1)) & 1)),
          'bafkqaaa',
        )
    })
    expect(snapshot.db.prepare('SELECT count(*) AS n FROM delegate_set').get()).toEqual({ n: 20_000 })
  })

  test('lets what was not seen for longest make way', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const ids = peerIds(1001)
    const fill = (now: number, from: number, to: number) =>
      transaction(snapshot.db, () => {
        const book = new DelegateBook(snapshot.db, now)
        for (const id of ids.slice(from, to)) book.note([at(1, id)], 'bafkqaaa')
      })
    fill(1000, 0, 3)
    fill(2000, 3, 1000)
    fill(3000, 0, 2)
    fill(4000, 1000, 1001)
    const left = new Set(kept(snapshot).map(({ peer }) => peer))
    expect(ids.filter((id) => !left.has(id))).toEqual([ids[2]])

    transaction(snapshot.db, () =>
      noteAll(new DelegateBook(snapshot.db, 5000), 20, (port) => at(port, ids[0])),
    )
    const ports = snapshot.db.prepare('SELECT address FROM delegate WHERE peer_id = ?').all(ids[0] ?? '')
    expect(ports.map(({ address }) => address).sort()).toEqual(
      Array.from({ length: 20 }, (_, port) => at(port, ids[0])).sort(),
    )
  })

  test('reads no more of a request than the specification allows it to name', () => {
    using workspace = new Workspace()
    using snapshot = openIn(workspace)
    const book = new DelegateBook(snapshot.db, 1000)
    const list = book.note(
      peerIds(50).map((id) => at(1, id)),
      'bafkqaaa',
    )
    expect(book.addresses(list ?? 0)).toHaveLength(20)
  })
})
