import type { Report } from '../../report/report.ts'
import { count, number } from '../../text/numbers.ts'
import type { Page } from '../../text/page.ts'
import { addPeeringOfCluster, addPeers } from '../tables.ts'

/** What a cluster is made of, and how its CIDs stand on its peers. */
export function addCluster(page: Page, { node, backup, delegates }: Report): void {
  if (node === null || node.peers === null || node.replication === null) return
  const troubled = node.peers.flatMap(({ trouble, since, ...peer }) =>
    trouble === null ? [] : [{ ...peer, trouble, since: since ?? '' }],
  )
  const { pinned, pinning, failed, lost, partly, copies } = node.replication
  page.add(`### The cluster: ${count(node.peers.length, 'peer')}, ${number(troubled.length)} in trouble`)
  const factors = copies.map(({ wanted, cids }) => `${number(cids)} on ${count(wanted, 'peer')}`).join(', ')
  const states = [
    [pinned, 'on all of them'],
    [pinning, 'on the way'],
    [failed, 'in error on one'],
    [lost, 'lost on one'],
    [partly, 'on peers of which one does not say'],
  ] as const
  const stand = states.filter(([n]) => n > 0).map(([n, how]) => `${number(n)} ${how}`)
  page.add(
    factors === ''
      ? 'It had no CIDs when it was listed.'
      : `When it was listed, it was to have ${factors}: ${stand.join(', ')}.`,
  )
  if (troubled.length > 0) addPeers(page, troubled)
  if ((backup?.failed.length ?? 0) > 0) addPeeringOfCluster(page, delegates.known)
}
