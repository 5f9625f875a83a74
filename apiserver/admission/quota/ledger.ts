/**
 * Who is charged for what, one namespace at a time: requests that arrive while the quotas are being
 * written are judged together against what was written, and share the next write. So the sum never
 * goes beyond a quota, however many ask at once, and the write is conditional on the version that
 * was judged, so that other servers are heard as well.
 *
 * A charge is written before the object, in the same log, so that a power cut loses both or the
 * object alone. What is not carried out is given back.
 */
import type { ResourceQuota } from '#api/kinds/core/resource-quota.ts'
import { type Amounts, added, subtracted, textsOf } from '#api/rules/quota/amounts.ts'
import { conflict, internalError } from '#api/status.ts'
import { trackedUpdate } from '../../managed-fields.ts'
import type { Resource } from '../../resources.ts'
import type { Step } from '../../store/store.ts'
import { isStoreError } from '../../store/store-error.ts'
import type { ApiObject } from '../../stored-object.ts'
import { scopeOf } from '../../update-scope.ts'
import type { AdmissionContext, Undo } from '../admission.ts'
import { type Account, accountOf, type Entry, entriesFor, type QuotaRequest } from './check.ts'

/** Somebody else changed the quotas this many times in a row. */
const ATTEMPTS_MAX = 16
/** Quotas of one namespace that can be charged together: as many as one transaction can hold. */
const QUOTAS_MAX = 100

/** Judges a batch's next accounts: throws to refuse, else says what is taken of each. */
interface Posting {
  enter(accounts: readonly Account[]): readonly Change[]
  readonly isDry: boolean
  done(changes: readonly Change[]): void
  failed(error: unknown): void
}

interface Change {
  readonly account: Account
  readonly used: Amounts
}

export class QuotaLedgers {
  readonly #context: AdmissionContext
  readonly #waiting = new Map<string, Posting[]>()

  constructor(context: AdmissionContext) {
    this.#context = context
  }

  /** Resolves when the request is charged for, with what gives it back. */
  charge(request: QuotaRequest): Promise<Undo | undefined> {
    const { namespace, dryRun } = request.attributes
    const { promise, resolve, reject } = Promise.withResolvers<Undo | undefined>()
    let taken: readonly Entry[] = []
    this.#post(namespace, {
      isDry: dryRun,
      enter(accounts) {
        taken = entriesFor(request, accounts)
        return taken.map(({ account, amounts }) => ({
          account,
          used: added(account.used, amounts),
        }))
      },
      done: (changes) =>
        resolve(changes.length && !dryRun ? () => this.#release(namespace, taken) : undefined),
      failed: reject,
    })
    return promise
  }

  /** A quota that was deleted or made anew in the meantime has nothing to give back. */
  #release(namespace: string, entries: readonly Entry[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const byUid = new Map(entries.map(({ account, amounts }) => [uidOf(account), amounts]))
    this.#post(namespace, {
      isDry: false,
      enter: (accounts) =>
        accounts.flatMap((account) => {
          const amounts = byUid.get(uidOf(account))
          return amounts ? { account, used: subtracted(account.used, amounts) } : []
        }),
      done: () => resolve(),
      // The caller has an error of its own to hear of; a recount of the quota mends this one.
      failed: (error) => {
        this.#context.log.warn('quota is charged too much until its next recount', {
          namespace,
          error,
        })
        resolve()
      },
    })
    return promise
  }

  #post(namespace: string, posting: Posting): void {
    const waiting = this.#waiting.get(namespace)
    if (waiting) {
      waiting.push(posting)
      return
    }
    this.#waiting.set(namespace, [posting])
    void this.#work(namespace)
  }

  /** Until nobody waits. Never throws: every error belongs to a posting. */
  async #work(namespace: string): Promise<void> {
    for (;;) {
      // Requests of this turn of the event loop join the first batch.
      await Promise.resolve()
      const batch = this.#waiting.get(namespace)!
      if (!batch.length) break
      this.#waiting.set(namespace, [])
      try {
        await this.#book(namespace, batch)
      } catch (error) {
        for (const posting of batch) posting.failed(error)
      }
    }
    this.#waiting.delete(namespace)
  }

  async #book(namespace: string, batch: readonly Posting[]): Promise<void> {
    let open = batch
    for (let attempt = 1; open.length; attempt++) {
      const accounts = this.#context.cache
        .of<ResourceQuota>('resourcequotas')
        .list(namespace)
        .map(accountOf)
      const { settled, changed } = judged(open, accounts)
      try {
        await this.#write(changed)
        for (const { posting, changes } of settled) posting.done(changes)
        return
      } catch (error) {
        if (!isStoreError(error, 'Conflict', 'KeyNotFound')) throw error
        if (attempt === ATTEMPTS_MAX) throw conflict(this.#quotas, changed[0]!.quota.metadata.name)
        open = settled.map(({ posting }) => posting)
      }
    }
  }

  async #write(accounts: readonly Account[]): Promise<void> {
    if (!accounts.length) return
    if (accounts.length > QUOTAS_MAX) {
      throw internalError(`charge quotas: ${accounts.length} at once, wanted at most ${QUOTAS_MAX}`)
    }
    const steps = accounts.map((account) => this.#step(account))
    await this.#context.store.transact(steps, { relaxed: true })
  }

  /** The status with the new sums, as the server's own change of it. */
  #step({ quota, used }: Account): Step {
    const resource = this.#quotas
    const previous = quota as unknown as ApiObject
    const status = { ...quota.status, used: textsOf(used) }
    const next = structuredClone({ ...previous, status }) as ApiObject
    trackedUpdate(resource, next, previous, {
      fieldManager: 'kube-apiserver',
      now: this.#context.clock.now(),
      scope: scopeOf(resource, 'status'),
    })
    const expected = Number(quota.metadata.resourceVersion)
    return { type: 'put', draft: resource.draft(next), expected }
  }

  get #quotas(): Resource {
    return this.#context.resources.find('', 'v1', 'resourcequotas')!
  }
}

const uidOf = ({ quota }: Account): string => quota.metadata.uid ?? ''

interface Settled {
  readonly posting: Posting
  readonly changes: readonly Change[]
}

/** One after the other, each upon what those before it left. Who is refused hears it at once. */
function judged(
  open: readonly Posting[],
  accounts: readonly Account[],
): { settled: Settled[]; changed: Account[] } {
  const changed = new Set<Account>()
  const settled: Settled[] = []
  for (const posting of open) {
    try {
      const changes = posting.enter(accounts)
      settled.push({ posting, changes })
      if (posting.isDry) continue
      for (const { account, used } of changes) {
        account.used = used
        changed.add(account)
      }
    } catch (error) {
      posting.failed(error)
    }
  }
  return { settled, changed: [...changed] }
}
