/** How a service says no: `{"error":{"reason","details"}}`. */
export interface Refusal {
  readonly status: number
  readonly reason: string
  readonly details?: string
}

/** What a service says when something is wrong with a request. */
export interface Refusals {
  readonly noToken: Refusal
  readonly invalidToken: Refusal
  readonly unknownPath: Refusal
  readonly unknownRequest: (method: string) => Refusal
  readonly badQuery: (what: string) => Refusal
  readonly badPin: (what: string) => Refusal
}

const notFound = { status: 404, reason: 'NOT_FOUND', details: 'The specified resource was not found' }
const invalidToken = { status: 401, reason: 'ERR_INVALID_TOKEN', details: 'api key does not exist' }

/** Filebase's, where its traffic shows them; else in its manner. */
export const filebaseRefusals: Refusals = {
  noToken: invalidToken,
  invalidToken,
  unknownPath: notFound,
  unknownRequest: () => notFound,
  badQuery: (details) => ({ status: 400, reason: 'BAD_REQUEST', details }),
  badPin: (details) => ({ status: 400, reason: 'BAD_REQUEST', details }),
}

/** IPFS Cluster gives no `details`, and answers a bad query as if the fault were its own. */
export const clusterRefusals: Refusals = {
  noToken: { status: 401, reason: 'unauthorized: no auth provided' },
  invalidToken: { status: 401, reason: 'unauthorized: invalid token' },
  unknownPath: { status: 404, reason: 'not found' },
  unknownRequest: (method) => ({
    status: 404,
    reason: method === 'GET' ? 'pin not found' : 'pin is not part of the pinset',
  }),
  badQuery: (reason) => ({ status: 500, reason }),
  badPin: (what) => ({ status: 400, reason: `error decoding request body: ${what}` }),
}

/** Filebase's answer to every request of an account that does not pay. */
export const freePlan: Refusal = {
  status: 403,
  reason: 'FORBIDDEN',
  details: 'The Pinning Service API requires a paid account',
}

/** A service whose account has run out of money. */
export const noFunds: Refusal = {
  status: 409,
  reason: 'INSUFFICIENT_FUNDS',
  details: 'Unable to process request due to the lack of funds',
}
