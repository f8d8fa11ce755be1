import type { DatabaseSync } from 'node:sqlite'
import type { PeerAddresses } from '../domain/peering.ts'
import type { SavedPeer } from '../domain/saved-peering.ts'
import { transaction } from './transaction.ts'

/** What this mirror has added to the peering of a node, so that it can take away its own and nothing else. */
export class PeeringBook {
  readonly #db: DatabaseSync
  readonly #node: string

  /** @param node its peer ID. Another node behind the same address has nothing of what was added to this one */
  constructor(db: DatabaseSync, node: string) {
    this.#db = db
    this.#node = node
  }

  /** The peers that it has added to the running daemon, for the time of a run. */
  added(): PeerAddresses[] {
    const rows = this.#db.prepare('SELECT peer_id, addrs FROM peered WHERE node = ?').all(this.#node)
    return rows.map(peerOf)
  }

  /** Writes down that a peer is to be added; call it before. */
  add({ peerId, addrs }: PeerAddresses): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO peered (node, peer_id, addrs) VALUES (?, ?, ?)')
      .run(this.#node, peerId, JSON.stringify(addrs))
  }

  /** The peer was taken away again, or is somebody else's now. */
  forget(peerId: string): void {
    this.#db.prepare('DELETE FROM peered WHERE node = ? AND peer_id = ?').run(this.#node, peerId)
  }

  /** The entries of the node's config that it wrote, or was about to write. A peer may have several. */
  saved(): SavedPeer[] {
    const rows = this.#db
      .prepare('SELECT peer_id, addrs, last_seen FROM saved_peer WHERE node = ?')
      .all(this.#node)
    return rows.map((row) => ({ ...peerOf(row), lastSeen: row['last_seen'] as number }))
  }

  /** Replaces all of them; call it before they are written to the config. */
  setSaved(peers: readonly SavedPeer[]): void {
    transaction(this.#db, () => {
      this.#db.prepare('DELETE FROM saved_peer WHERE node = ?').run(this.#node)
      const insert = this.#db.prepare(
        'INSERT OR REPLACE INTO saved_peer (node, peer_id, addrs, last_seen) VALUES (?, ?, ?, ?)',
      )
      for (const { peerId, addrs, lastSeen } of peers)
        insert.run(this.#node, peerId, JSON.stringify(addrs), lastSeen)
    })
  }
}

function peerOf(row: Readonly<Record<string, unknown>>): PeerAddresses {
  return { peerId: row['peer_id'] as string, addrs: JSON.parse(row['addrs'] as string) as string[] }
}
