import { describe, expect, test } from 'vitest'
import { parseCid } from '../../../src/domain/cid.ts'
import { Cids } from '../../sandbox/identity.ts'
import { cluster, type PinRow } from '../../sandbox/pinning-service.ts'
import { UpdateBox } from './box.ts'
import { boxWith, isPost, minute, plain, refusal, sizes, told } from './box-with.ts'

describe('nothing is bought twice', () => {
  test.each([
    ['an answer that is lost', { status: 500, body: '{}', isDone: true }],
    ['a proxy that gave up waiting', { status: 504, body: '<html>', isDone: true }],
    ['a connection that is cut', 'truncate' as const],
  ])(
    '%s, and a listing that shows it only after some runs: five requests for five CIDs',
    async (_, fault) => {
      const { box, posts } = await boxWith(5)
      await using _box = box
      let isListed = false
      box.photos.hidden = (row) => !isListed && row.meta['old'] === undefined
      box.service.intercept = (request) => (isPost(request) ? fault : undefined)
      for (let run = 0; run < 4; run++) {
        expect(sizes(await box.update())).toEqual({ pinned: 0, failed: 0, pending: 5, unsent: 0 })
        box.letPass(10 * minute)
      }
      isListed = true
      box.letPass(60 * minute)
      expect((await box.update()).filling.update).toMatchObject({ missing: 0 })
      expect(posts()).toHaveLength(5)
      expect(box.db.prepare('SELECT count(*) AS n FROM sent').get()).toEqual({ n: 0 })
    },
  )

  test('accepted, and listed only after days: the service is asked for it by its requestid', async () => {
    const { box, posts } = await boxWith(3)
    await using _ = box
    box.photos.hidden = (_row, by) => by !== 'requestid'
    for (let run = 0; run < 5; run++) {
      expect(sizes(await box.update())).toMatchObject({ pending: 3, unsent: 0 })
      box.letPass(24 * 60 * minute)
    }
    expect(posts()).toHaveLength(3)
  })

  test('found only under the other form of its CID, where a filter by two finds nothing', async () => {
    await using box = await UpdateBox.start({ manners: plain })
    const { v0, v1 } = new Cids(4).bothVersions()
    box.node.pin(v0)
    // A service that keeps what it is sent as CIDv1, and shows it in no list but by that.
    box.service.intercept = ({ method, query }) => {
      if (method === 'POST') {
        box.photos.add({ cid: v1, status: 'queued' })
        return { status: 500, body: '{}' }
      }
      return query.get('cid')?.includes(',') ? { status: 200, body: '{"count":0,"results":[]}' } : undefined
    }
    box.photos.hidden = (_row, by) => by === 'list'
    for (let run = 0; run < 3; run++) {
      expect(sizes(await box.update())).toMatchObject({ pending: 1 })
      box.letPass(90 * minute)
    }
    expect(box.photos.size).toBe(1)
  })

  test('a replacement whose answer is lost and that fails at once is asked for once a run, and rests for longer', async () => {
    const cids = new Cids(5).take(4)
    await using box = await UpdateBox.start({
      manners: plain,
      settle: () => ({ status: 'failed', reason: 'in vain', after: { requests: 1 } }),
    })
    for (const cid of cids) {
      box.photos.add({ cid, status: 'failed', created: Date.now() - 60_000 })
      box.node.pin(cid)
    }
    box.service.intercept = (request) =>
      isPost(request) ? { status: 500, body: '{}', isDone: true } : undefined
    const posts = () => box.service.requests.filter(isPost).length
    await box.update()
    expect(posts()).toBe(4)
    // They failed anew: their pause has begun.
    await box.update()
    expect(posts()).toBe(4)
    expect(box.db.prepare('SELECT DISTINCT attempts FROM failure').all()).toEqual([{ attempts: 1 }])
    box.letPass(16 * minute)
    await box.update()
    expect(posts()).toBe(8)
    expect(box.db.prepare('SELECT DISTINCT attempts FROM failure').all()).toEqual([{ attempts: 2 }])
  })

  test.each([
    ['was taken in', true],
    ['was not', false],
  ])('killed between the note and the answer, where the request %s', async (_, isDone) => {
    const { box, posts } = await boxWith(1)
    await using _box = box
    box.photos.hidden = (_row, by) => by === 'list'
    box.service.intercept = (request) => {
      if (!isPost(request)) return undefined
      box.kill()
      return { status: 500, body: '{}', isDone }
    }
    await box.update()
    box.service.intercept = undefined
    await box.update()
    expect(posts()).toHaveLength(1)
    box.letPass(61 * minute)
    await box.update()
    expect(posts()).toHaveLength(isDone ? 1 : 2)
    expect(box.photos.size).toBe(1)
  })

  test('what was never sent, or is refused for certain, is not in doubt', async () => {
    const { box } = await boxWith(1)
    await using _ = box
    box.service.intercept = (request) =>
      isPost(request) ? { status: 403, body: refusal('FORBIDDEN') } : undefined
    await box.update()
    expect(box.db.prepare('SELECT count(*) AS n FROM sent').get()).toEqual({ n: 0 })
  })

  test('one at which the service breaks each time goes into the ledger from the second time, an hour later', async () => {
    const { box, cids, posts } = await boxWith(3)
    await using _ = box
    const [bad = ''] = cids
    box.service.intercept = (request) =>
      isPost(request) && request.body.includes(bad) ? { status: 500, body: '{}' } : undefined
    expect(sizes(await box.update())).toMatchObject({ failed: 0, pending: 3 })
    box.letPass(61 * minute)
    // Alone it may be the service: it takes another that is taken.
    const alone = await box.update()
    expect(sizes(alone)).toMatchObject({ failed: 0, pending: 1 })
    box.letPass(61 * minute)
    box.node.pin(new Cids(8).next())
    const second = await box.update()
    expect(second.warnings).toEqual([])
    expect(told(second, 'failed')).toMatchObject([
      { cid: bad, attempts: 1, reason: expect.stringContaining('sent 2 times in vain') },
    ])
    expect(posts()).toHaveLength(6)
  })

  test('what is gone is looked up before it is paid for again, several at a time', async () => {
    await using box = await UpdateBox.start({ manners: plain })
    const cids = new Cids(6).take(60)
    for (const cid of cids) {
      box.photos.add({ cid })
      box.node.pin(cid)
    }
    await box.update()
    const [hidden, removed] = [new Set(cids.slice(0, 4)), cids[5]]
    box.photos.hidden = ({ cid }, by) => by === 'list' && hidden.has(cid)
    const gone = box.photos.rows().find(({ cid }) => cid === removed)
    box.photos.remove(gone?.requestid ?? '')
    const asked = box.service.requests.length
    await box.update()
    const [one, ...others] = box.service.requests.filter(isPost)
    expect([JSON.parse(one?.body ?? '{}').cid, others]).toEqual([removed, []])
    const looks = box.service.requests.slice(asked).filter(({ query }) => query.has('cid'))
    expect(looks.length).toBeLessThanOrEqual(3)
  })
})

describe('what was answered is checked', () => {
  test('an answer about another CID is not taken for a success, is said, and not sent again', async () => {
    const { box, posts } = await boxWith(1)
    await using _ = box
    const other = new Cids(8).next()
    const body = { requestid: 'x', status: 'queued', created: '2024-01-01T00:00:00Z', pin: { cid: other } }
    box.service.intercept = (request) =>
      isPost(request) ? { status: 202, body: JSON.stringify(body) } : undefined
    const ran = await box.update()
    expect(sizes(ran)).toMatchObject({ pinned: 0, pending: 1 })
    expect(ran.warnings).toMatchObject([{ where: 'update', message: expect.stringContaining(other) }])
    const again = await box.update()
    expect(again.warnings).toMatchObject([
      { where: 'update', message: expect.stringContaining('sent before') },
    ])
    expect(posts()).toHaveLength(1)
  })

  test('a request that shows another CID when it is to be replaced is left alone, and that is said', async () => {
    const { box, cids, posts } = await boxWith(1)
    await using _ = box
    const { requestid } = box.photos.add({ cid: cids[0] ?? '', status: 'failed' })
    const other = new Cids(8).next()
    box.service.intercept = ({ path }) => {
      if (!path.endsWith(requestid)) return undefined
      const pin = { cid: other }
      return {
        status: 200,
        body: JSON.stringify({ requestid, status: 'failed', created: '2024-01-01T00:00:00Z', pin }),
      }
    }
    const ran = await box.update()
    expect(posts()).toEqual([])
    expect(sizes(ran)).toMatchObject({ unsent: 1 })
    expect(ran.warnings.map(({ message }) => message).join()).toContain('another CID')
  })

  test('meta that is no text is kept as it was read; what is no object keeps the request from being asked for again', async () => {
    const { box, cids, posts } = await boxWith(2)
    await using _ = box
    const [odd = '', unreadable = ''] = cids
    const meta = { size: 7, nested: { a: [true, null] }, owner: 'me' } as unknown as Record<string, string>
    box.photos.add({ cid: odd, status: 'failed', meta })
    box.photos.add({ cid: unreadable, status: 'failed', meta: ['a'] as unknown as Record<string, string> })
    const ran = await box.update()
    expect(posts().map(({ body }) => JSON.parse(body))).toMatchObject([{ cid: odd, meta }])
    expect(ran.warnings.map(({ message }) => message).join()).toContain('metadata')
    expect(sizes(ran)).toMatchObject({ unsent: 1, pending: 1 })
  })
})

describe('refusals', () => {
  test.each([400, 402, 403, 409, 413, 422])(
    'one of 300 that is refused with %i is its own; the others are sent',
    async (status) => {
      const { box, cids } = await boxWith(300)
      await using _ = box
      const bad = cids[7] ?? ''
      box.service.intercept = (request) =>
        isPost(request) && request.body.includes(bad)
          ? { status, body: refusal('NO', 'on the list') }
          : undefined
      const ran = await box.update()
      expect(ran.errors).toEqual([])
      expect(box.photos.size).toBe(299)
      expect(told(ran, 'failed')).toMatchObject([{ cid: bad, reason: 'NO: on the list' }])
    },
  )

  test.each([400, 403, 409])(
    'the same refusal for all (%i) is the service’s, and nobody is blamed',
    async (status) => {
      const { box, posts } = await boxWith(200)
      await using _ = box
      box.service.intercept = (request) => {
        if (!isPost(request) || box.photos.size < 40) return undefined
        const { cid } = JSON.parse(request.body)
        return { status, body: refusal(`quota of ${box.photos.size} is full, no room for ${cid}`) }
      }
      const ran = await box.update({ inputs: { 'requests-per-second': '30' } })
      expect(ran.errors).toMatchObject([{ where: 'service', message: expect.stringContaining('quota') }])
      expect(sizes(ran)).toMatchObject({ failed: 0, unsent: 160 })
      expect(posts().length).toBeLessThanOrEqual(40 + 20 + 30 + 3)
      expect(box.db.prepare('SELECT count(*) AS n FROM failure').get()).toEqual({ n: 0 })
    },
  )

  test.each([
    ['without funds', 409, 'INSUFFICIENT_FUNDS'],
    ['that has to pay first', 402, 'PAYMENT_REQUIRED'],
    ['without a plan', 403, 'FORBIDDEN'],
  ])(
    'an account %s and 3 missing CIDs: an error in each run, and nobody is blamed',
    async (_, status, reason) => {
      const { box } = await boxWith(3)
      await using __ = box
      box.service.intercept = (request) =>
        isPost(request) ? { status, body: refusal(reason, 'paid account') } : undefined
      for (let run = 0; run < 3; run++) {
        const ran = await box.update()
        expect(ran.errors).toMatchObject([{ where: 'service', message: expect.stringContaining(reason) }])
        expect(sizes(ran)).toMatchObject({ failed: 0, unsent: 3 })
        expect(box.db.prepare('SELECT count(*) AS n FROM failure').get()).toEqual({ n: 0 })
      }
      box.service.intercept = undefined
      expect((await box.update()).errors).toEqual([])
      expect(box.photos.size).toBe(3)
    },
  )

  test('CIDs on a list that are found out among others are no error when they are alone', async () => {
    const { box, cids } = await boxWith(5)
    await using _ = box
    const bad = new Set(cids.slice(0, 2))
    box.service.intercept = (request) =>
      isPost(request) && bad.has(JSON.parse(request.body).cid)
        ? { status: 403, body: refusal('FORBIDDEN', 'on the deny list') }
        : undefined
    for (let run = 0; run < 3; run++) {
      const ran = await box.update({ isManual: true })
      expect(ran.errors).toEqual([])
      expect(sizes(ran)).toMatchObject({ failed: 2, unsent: 0 })
    }
  })

  test('one CID on a list with nothing else to send is no error', async () => {
    const { box } = await boxWith(1)
    await using _ = box
    box.service.intercept = (request) =>
      isPost(request) ? { status: 403, body: refusal('FORBIDDEN', 'on the deny list') } : undefined
    for (let run = 0; run < 2; run++) {
      const ran = await box.update({ isManual: true })
      expect(ran.errors).toEqual([])
      expect(sizes(ran)).toMatchObject({ failed: 1 })
    }
  })

  test('CIDs that are known to be refused are no fault of the service, however many', async () => {
    const { box, cids } = await boxWith(100)
    await using _ = box
    const bad = new Set(cids.filter((_cid, at) => at % 4 === 2))
    box.service.intercept = (request) =>
      isPost(request) && bad.has(JSON.parse(request.body).cid)
        ? { status: 403, body: refusal('DENIED', 'on the list') }
        : undefined
    expect(sizes(await box.update())).toMatchObject({ failed: 25, pending: 75 })
    for (const [run, fresh] of [new Cids(9).take(3), []].entries()) {
      box.letPass(25 * 60 * minute)
      for (const cid of fresh) box.node.pin(cid)
      const ran = await box.update()
      expect(ran.errors).toEqual([])
      expect(sizes(ran)).toMatchObject({ failed: 25, pending: fresh.length, unsent: 0 })
      expect(told(ran, 'failed')[0]).toMatchObject({ attempts: run + 2 })
    }
  })

  test('CIDs that are known to be refused are all asked for, also after a streak of new ones that was broken', async () => {
    const { box, cids } = await boxWith(20)
    await using _ = box
    const bad = new Set(cids.slice(0, 10))
    box.service.intercept = (request) =>
      isPost(request) && bad.has(JSON.parse(request.body).cid)
        ? { status: 403, body: refusal('DENIED', 'on the list') }
        : undefined
    expect(sizes(await box.update())).toMatchObject({ failed: 10, pending: 10 })
    box.letPass(25 * 60 * minute)
    for (const [index, cid] of new Cids(9).take(35).entries()) {
      box.node.pin(cid)
      if (index < 25) bad.add(cid)
    }
    const ran = await box.update({ inputs: { 'requests-per-second': '30' } })
    expect(ran.errors).toEqual([])
    expect(sizes(ran)).toMatchObject({ failed: 35, pending: 10, unsent: 0 })
  })

  test('neighbours that are refused with origins and without: the others are sent with them', async () => {
    const { box, cids, posts } = await boxWith(100)
    await using _ = box
    const bad = new Set(cids.slice(0, 30))
    box.service.intercept = (request) =>
      isPost(request) && bad.has(JSON.parse(request.body).cid)
        ? { status: 403, body: refusal('DENIED') }
        : undefined
    const origins = `/ip4/93.184.216.34/tcp/4001/p2p/${box.node.peerId}`
    const ran = await box.update({ inputs: { origins, 'requests-per-second': '30' } })
    expect(ran.errors).toEqual([])
    expect(posts().filter(({ body }) => !body.includes('origins'))).toHaveLength(1)
    const taken = posts().filter(({ body }) => !bad.has(JSON.parse(body).cid))
    expect(taken).toHaveLength(70)
    expect(taken.filter(({ body }) => !body.includes('origins'))).toEqual([])
  })

  test('the one that is tried without origins gets no answer: it is in doubt, and not blamed', async () => {
    const { box } = await boxWith(3)
    await using _ = box
    box.service.intercept = (request) => {
      if (!isPost(request)) return undefined
      return request.body.includes('origins')
        ? { status: 400, body: refusal('BAD_REQUEST', 'no origins') }
        : { status: 500, body: '{}', isDone: true }
    }
    const origins = `/ip4/93.184.216.34/tcp/4001/p2p/${box.node.peerId}`
    expect(sizes(await box.update({ inputs: { origins } }))).toMatchObject({ failed: 2, pending: 1 })
  })

  test('a refusal in many words is kept in few', async () => {
    const { box } = await boxWith(1)
    await using _ = box
    box.service.intercept = (request) =>
      isPost(request) ? { status: 422, body: refusal('NO '.repeat(9000), 'why '.repeat(9000)) } : undefined
    const ran = await box.update()
    expect(told(ran, 'failed')).toMatchObject([{ reason: expect.stringMatching(/^.{9,2099}$/s) }])
  })

  // A few more than make a streak: those that were on their way when it was long enough may be others.
  test.each([20, 21, 22, 24, 40])(
    '%i neighbours that are refused alike do not hold up the others',
    async (count) => {
      const { box, cids } = await boxWith(300)
      await using _ = box
      const bad = new Set(cids.slice(0, count))
      box.service.intercept = (request) =>
        isPost(request) && bad.has(JSON.parse(request.body).cid)
          ? { status: 403, body: refusal('FORBIDDEN') }
          : undefined
      const ran = await box.update({ inputs: { 'requests-per-second': '60' } })
      expect(ran.errors).toEqual([])
      expect(box.photos.size).toBe(300 - count)
      expect(ran.filling.update?.failed).toHaveLength(count)
    },
  )

  test.each([3, 100])(
    'a service that takes no origins is sent %i CIDs without them, and that is said',
    async (count) => {
      const { box } = await boxWith(count)
      await using _ = box
      box.service.intercept = (request) =>
        isPost(request) && request.body.includes('origins')
          ? { status: 400, body: refusal('BAD_REQUEST', 'origins are not supported') }
          : undefined
      const origins = `/ip4/93.184.216.34/tcp/4001/p2p/${box.node.peerId}`
      const ran = await box.update({ inputs: { origins } })
      expect(ran.errors).toEqual([])
      expect(box.photos.size).toBe(count)
      expect(sizes(ran)).toMatchObject({ failed: 0, pending: count })
      expect(ran.warnings).toMatchObject([
        { where: 'origins', message: expect.stringContaining('not supported') },
      ])
    },
  )
})

test('a request that is failed at its first look and pinned then is not blamed', async () => {
  const rows: PinRow[] = []
  const { box } = await boxWith(1, {
    settle: (row) => {
      rows.push(row)
      return { status: 'failed', reason: 'not yet', after: { requests: 1 } }
    },
  })
  await using _ = box
  // After the first look, and before the second.
  box.service.intercept = ({ method }) => {
    const [row] = rows
    if (row !== undefined && method === 'GET')
      setTimeout(() => box.photos.setStatus(row.requestid, 'pinned'), 300)
    return undefined
  }
  const ran = await box.update({ settleTimeout: 20_000 })
  expect(sizes(ran)).toMatchObject({ pinned: 1, failed: 0 })
}, 30_000)

test('a request is believed to have failed only some time after its first look', async () => {
  const { box, cids } = await boxWith(1, {
    settle: () => ({ status: 'failed', reason: 'not yet', after: { requests: 1 } }),
  })
  await using _ = box
  // After three looks, the third some 3 s after the first.
  let looks = 0
  box.service.intercept = ({ method }) => {
    const row = box.photos.rows().find(({ cid }) => cid === cids[0])
    if (row?.status === 'failed' && method === 'GET' && ++looks === 4)
      box.photos.setStatus(row.requestid, 'pinned')
    return undefined
  }
  const ran = await box.update({ settleTimeout: 20_000 })
  expect(sizes(ran)).toMatchObject({ pinned: 1, failed: 0 })
})

test('a look at what settles that proves nothing is said, and is no error: the run rests on the listing before', async () => {
  const { box } = await boxWith(2)
  await using _ = box
  let isSent = false
  box.service.intercept = ({ method, query }) => {
    isSent ||= method === 'POST'
    const isLook = isSent && method === 'GET' && query.get('limit') === '1000'
    return isLook ? { status: 200, body: '{"count":7,"results":[]}' } : undefined
  }
  const ran = await box.update()
  expect(ran.errors).toEqual([])
  expect(ran.warnings).toMatchObject([
    { where: 'bucket photos', message: expect.stringContaining('could not be proved') },
  ])
  expect(sizes(ran)).toMatchObject({ pending: 2, failed: 0 })
  box.service.intercept = undefined
  expect((await box.update()).warnings).toEqual([])
})

test('where the requestid is the CID, nothing is asked for twice either', async () => {
  const { box, cids, posts } = await boxWith(4, { manners: { ...cluster, maxLimit: 1000 } })
  await using _ = box
  box.service.intercept = (request) => (isPost(request) ? { status: 502, body: '', isDone: true } : undefined)
  box.photos.hidden = (_row, by) => by === 'list'
  for (let run = 0; run < 3; run++) {
    await box.update()
    box.letPass(61 * minute)
  }
  expect(
    posts()
      .map(({ body }) => parseCid(JSON.parse(body).cid)?.text)
      .toSorted(),
  ).toEqual(cids.toSorted())
})

describe('a service that answers nobody', () => {
  test.each([
    ['500', { status: 500, body: '{}' }],
    ['a page', { status: 200, body: '<!doctype html>' }],
    ['nothing', 'cut' as const],
  ])('with %s to each of a few: an error, and nobody is blamed, run after run', async (_, fault) => {
    const { box } = await boxWith(5)
    await using _box = box
    box.service.intercept = (request) => (isPost(request) ? fault : undefined)
    for (let run = 0; run < 3; run++) {
      const ran = await box.update()
      expect(sizes(ran)).toEqual({ pinned: 0, failed: 0, pending: 5, unsent: 0 })
      expect(ran.errors).toMatchObject([{ where: 'service' }])
      box.letPass(120 * minute)
    }
  })

  test('but takes what it is sent all the same is at work', async () => {
    const { box } = await boxWith(5)
    await using _ = box
    box.service.intercept = (request) =>
      isPost(request) ? { status: 500, body: '{}', isDone: true } : undefined
    expect((await box.update()).errors).toEqual([])
  })
})

test('nobody is blamed for its silence by a run that did not come to look for what was taken', async () => {
  const { box, cids } = await boxWith(3)
  await using _ = box
  const [silent = ''] = cids
  const isSilents = (body: string) => JSON.parse(body).cid === silent
  box.service.intercept = (request) =>
    isPost(request) && isSilents(request.body) ? { status: 500, body: '{}' } : undefined
  expect(sizes(await box.update())).toMatchObject({ failed: 0 })
  box.letPass(120 * minute)
  box.node.pin(new Cids(99).next())
  let isTaken = false
  box.service.intercept = (request) => {
    if (isPost(request) && isSilents(request.body)) {
      isTaken = true
      return { status: 500, body: '{}', isDone: true }
    }
    return isTaken && request.method === 'GET' ? { status: 401, body: refusal('EXPIRED') } : undefined
  }
  const ran = await box.update()
  expect(ran.errors).toMatchObject([{ where: 'service' }])
  expect(sizes(ran)).toMatchObject({ failed: 0 })
  expect(box.db.prepare('SELECT count(*) AS n FROM failure').get()).toEqual({ n: 0 })
})

test('what was refused for its rate until the end was not sent', async () => {
  const { box } = await boxWith(1)
  await using _ = box
  box.service.intercept = (request) =>
    isPost(request)
      ? { status: 429, headers: { 'retry-after': '600' }, body: refusal('TOO_MANY_REQUESTS') }
      : undefined
  expect(sizes(await box.update({ inputs: { 'time-limit': '1s' } }))).toMatchObject({ pending: 0, unsent: 1 })
  expect(box.db.prepare('SELECT count(*) AS n FROM sent').get()).toEqual({ n: 0 })
})

test('one at which the service breaks each time is blamed also where it was refused for its rate before', async () => {
  const { box, cids } = await boxWith(3)
  await using _ = box
  const [bad = ''] = cids
  let isHeld = false
  box.service.intercept = (request) => {
    if (!isPost(request) || !request.body.includes(bad)) return undefined
    isHeld = !isHeld
    return isHeld
      ? { status: 429, headers: { 'retry-after': '0' }, body: refusal('TOO_MANY_REQUESTS') }
      : { status: 500, body: '{}' }
  }
  expect(sizes(await box.update())).toMatchObject({ failed: 0, pending: 3 })
  box.letPass(61 * minute)
  box.node.pin(new Cids(8).next())
  expect(told(await box.update(), 'failed')).toMatchObject([
    { cid: bad, reason: expect.stringContaining('sent 2 times in vain') },
  ])
})
