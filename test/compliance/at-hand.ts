import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import util from 'node:util'

/**
 * Loaded before the suite. It validates answers against the API's specification, which it reads from GitHub with a
 * library made for older Node; where either fails, it leaves out four of its nine checks and says nothing in its
 * summary. Here it gets that version of the specification from the file beside this one (CC0), and the library gets
 * the functions that Node 23 took away.
 */
const constants = '/pinning-service-compliance/dist/src/utils/constants.js'
const location = /`https:\/\/raw\.githubusercontent\.com\/ipfs\/pinning-services-api-spec\/[^`]*`/
const file = fileURLToPath(new URL('./ipfs-pinning-service.yaml', import.meta.url))

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith(constants)) return loaded
    const source = String(loaded.source)
    if (!location.test(source)) throw new Error(`${url} does not name the specification as it used to`)
    return { ...loaded, source: source.replace(location, JSON.stringify(file)) }
  },
})

Object.assign(util, {
  isObject: (value: unknown) => typeof value === 'object' && value !== null,
  isFunction: (value: unknown) => typeof value === 'function',
  isNumber: (value: unknown) => typeof value === 'number',
  isUndefined: (value: unknown) => value === undefined,
})
