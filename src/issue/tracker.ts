import { z } from 'zod'
import type { Config } from '../config/types.ts'
import { mirrorId } from '../domain/mirror.ts'
import type { Http } from '../http/http.ts'
import { logLine } from '../text/escape.ts'
import { markerOf, renderIssueBody, saysTheSame } from './body.ts'
import { changeOf, renderChange } from './change.ts'
import { type GitHub, openGitHub, type WaitingTime } from './github.ts'
import { withRuns } from './now.ts'
import { type Issue, loginOf, OwnIssues, type Repository } from './own-issues.ts'
import { isStreakTold, streakNow } from './streak.ts'
import { nothingUnseen, runsOf, type Told, toldIn, toldOf, type Unseen, withTold } from './told.ts'
import { type FailingRuns, inOrder, isSettled, type Tracked } from './tracked.ts'
import { isAboutAssignees, whatToDo } from './trouble.ts'
import { isAnyUnseen, unseenIn } from './unseen.ts'

export type TrackerConfig = Pick<
  Config,
  'github' | 'githubToken' | 'cacheKey' | 'endpoint' | 'issueLabels' | 'issueAssignees'
>

export interface Tracking {
  /** The issue's number, to be remembered as the next run's hint; `null` while there is none. */
  readonly number: number | null
  /** What went wrong and what to do; the run goes on. */
  readonly warning: string | null
}

/**
 * Keeps the mirror's one issue: opened, updated in place, commented on when something appeared or went, closed when
 * nothing is left. After a run that did not see everything it may only grow: what was told and is not seen stays as it
 * was told, unless it is known to be gone, and what is new is added. Never throws but the signal's reason.
 * @param hint the number that the last run remembered
 */
export async function trackIssue(
  config: TrackerConfig,
  tracked: Tracked,
  hint: number | null,
  { http, time }: { readonly http: Http; readonly time: WaitingTime },
): Promise<Tracking> {
  const { githubToken: token, github } = config
  const [owner, repo] = github.repository?.split('/') ?? []
  if (token === undefined) return { number: hint, warning: noToken }
  if (owner === undefined || repo === undefined) return { number: hint, warning: noRepository }
  try {
    const client = await openGitHub({ http, token, apiUrl: github.apiUrl, time })
    const tracker = new Tracker(client, { owner, repo }, config, time)
    return await tracker.keep(tracked, hint)
  } catch (error) {
    time.cancelled.throwIfAborted()
    return { number: hint, warning: whatToDo(error, `${owner}/${repo}`) }
  }
}

/** What an issue is to say. */
interface Rendered {
  readonly told: Told
  /** @param memory what its hidden line is to say was told */
  readonly bodyWith: (memory: Told) => string
}

class Tracker {
  readonly #github: GitHub
  readonly #repository: Repository
  readonly #config: TrackerConfig
  readonly #marker: string
  readonly #runUrl: string
  readonly #time: WaitingTime
  readonly #warnings: string[] = []

  constructor(github: GitHub, repository: Repository, config: TrackerConfig, time: WaitingTime) {
    this.#github = github
    this.#time = time
    this.#repository = repository
    this.#config = config
    this.#marker = markerOf(mirrorId(config.cacheKey, config.endpoint))
    const { serverUrl, runId, runAttempt } = config.github
    this.#runUrl = `${serverUrl}/${repository.owner}/${repository.repo}/actions/runs/${runId}/attempts/${runAttempt}`
  }

  async keep(tracked: Tracked, hint: number | null): Promise<Tracking> {
    const found = await this.#find(hint)
    let number = found?.number ?? null
    const before = toldIn(found?.body ?? '')
    const streak = streakNow(tracked.failing, before)
    const isTold = streak !== null && isStreakTold(streak, tracked.sight, before)
    const now = { ...tracked, failing: isTold ? streak : null }
    if (found !== undefined) await this.#update(found, before, now, streak)
    else if (!isSettled(now)) number = await this.#create(now, streak)
    return { number, warning: this.#warnings.length === 0 ? null : this.#warnings.join(' ') }
  }

  async #find(hint: number | null): Promise<Issue | undefined> {
    const login = await loginOf(this.#github)
    const own = new OwnIssues(this.#github, this.#repository, this.#marker, login)
    const remembered = hint === null ? undefined : await own.get(hint)
    if (remembered !== undefined) return remembered
    const [oldest, ...others] = await own.list()
    if (oldest !== undefined && others.length > 0) {
      const numbers = others.map((issue) => `#${issue.number}`).join(', ')
      this.#warnings.push(
        `Several issues are this mirror's. #${oldest.number}, the oldest, is kept; close ${numbers} by hand.`,
      )
    }
    return oldest
  }

  /** @param streak the runs that failed in a row, also where that is not told yet */
  #render(tracked: Tracked, streak: FailingRuns | null, unseen: Unseen = nothingUnseen): Rendered {
    const { streak: counted } = runsOf(streak)
    const told = { ...toldOf(tracked, Date.now(), unseen), streak: counted }
    const { cacheKey } = this.#config
    const ordered = inOrder(tracked)
    const facts = { marker: this.#marker, cacheKey, runUrl: this.#runUrl, tracked: ordered, told, unseen }
    return { told, bodyWith: (memory) => renderIssueBody({ ...facts, memory }) }
  }

  /** What an issue is to say after a run that saw nothing of what it tells: only of failing runs another thing. */
  #renderRuns(
    body: string,
    before: Told,
    { failing }: Tracked,
    streak: FailingRuns | null,
  ): Rendered | undefined {
    const told = { ...before, ...runsOf(streak), runs: failing?.runs ?? 0 }
    const changed = withRuns(body, told, failing, this.#runUrl)
    return changed === undefined ? undefined : { told, bodyWith: (memory) => withTold(changed, memory) }
  }

  /** @param streak the runs that failed in a row, also where that is not told yet */
  async #update(
    issue: Issue,
    before: Told | undefined,
    tracked: Tracked,
    streak: FailingRuns | null,
  ): Promise<void> {
    const { sight, failing } = tracked
    const unseen = unseenIn(tracked, before)
    const isAnyLeft = isAnyUnseen(unseen)
    // What it tells is known from its hidden line alone.
    const isUnknown = before === undefined && sight !== 'whole'
    if (isAnyLeft || isUnknown) this.#warnings.push(keptAsTold)
    if (isUnknown) return
    const now =
      before !== undefined && (sight === 'unopened' || (sight === 'blind' && isAnyLeft))
        ? this.#renderRuns(issue.body, before, tracked, streak)
        : this.#render(tracked, streak, unseen)
    if (now === undefined) return
    const settled = sight !== 'unopened' && !isAnyLeft && isSettled(tracked)
    const change = before === undefined ? null : await changeOf(before, now.told, tracked)
    // A person knows of all that it told, and wants to hear of it no more.
    const isDismissed = issue.isDismissed && (change === null || change.appeared.length === 0)
    const isToBeOpen = sight === 'unopened' && failing === null ? issue.isOpen : !(settled || isDismissed)
    const isSaidBy = (body: string) => issue.isOpen === isToBeOpen && saysTheSame(issue.body, body)
    if (isSaidBy(now.bodyWith(now.told))) return
    // A locked conversation takes no comments; its text is kept up to date all the same.
    const isCommented = change !== null && !isDismissed && !issue.isLocked
    const comment = isCommented ? renderChange(change, settled, this.#runUrl) : null
    const which = { ...this.#repository, issue_number: issue.number }
    const isTold = comment === null || (await this.#comment(which, comment))
    const { streak: counted } = now.told
    const body = now.bodyWith(isTold || before === undefined ? now.told : { ...before, streak: counted })
    if (isSaidBy(body)) return
    await this.#github.rest.issues.update({
      ...which,
      body,
      ...(settled ? ({ state: 'closed', state_reason: 'completed' } as const) : {}),
      ...(isToBeOpen ? ({ state: 'open' } as const) : {}),
    })
  }

  /**
   * The comment is what people are mailed. It comes before the body, whose hidden line says what was told: where it
   * cannot be posted, the line stays as it was, so that the next run tells the same again. So none is lost, and one is
   * posted twice where GitHub took it and did not say so, or took the comment and then no body: better twice than never.
   * @returns whether GitHub says that it is posted
   */
  async #comment(which: Repository & { readonly issue_number: number }, body: string): Promise<boolean> {
    try {
      await this.#github.rest.issues.createComment({ ...which, body })
      return true
    } catch (error) {
      this.#time.cancelled.throwIfAborted()
      const { message } = error as Error
      this.#warnings.push(
        `A comment on what changed in the tracking issue could not be posted (${message}): the next run tries again.`,
      )
      return false
    }
  }

  async #create(tracked: Tracked, streak: FailingRuns | null): Promise<number> {
    const { cacheKey, issueLabels, issueAssignees } = this.#config
    const { told, bodyWith } = this.#render(tracked, streak)
    const issue = {
      ...this.#repository,
      title: `IPFS Pin Mirror (${logLine(cacheKey, 150)}): CIDs and delegates that need a look`,
      body: bodyWith(told),
      labels: [...issueLabels],
    }
    try {
      const { data } = await this.#github.rest.issues.create({ ...issue, assignees: [...issueAssignees] })
      return createdSchema.parse(data).number
    } catch (error) {
      if (issueAssignees.length === 0 || !isAboutAssignees(error)) throw error
      this.#warnings.push(
        'The issue was opened without assignees: check that all of `issue-assignees` may work here.',
      )
      return createdSchema.parse((await this.#github.rest.issues.create(issue)).data).number
    }
  }
}

const createdSchema = z.object({ number: z.int().min(1) })

const keptAsTold =
  'The tracking issue goes on telling what this run did not see: it did not see everything, and that may still stand.'
const noToken =
  'The tracking issue was not kept: there is no token. Leave `github-token` at its default, or set `issue: false`.'
const noRepository =
  'The tracking issue was not kept: this run belongs to no repository (`GITHUB_REPOSITORY` is not set). Set `issue: false` to run outside GitHub.'
