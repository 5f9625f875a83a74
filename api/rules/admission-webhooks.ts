/** Rules about admission webhooks, in the order in which upstream reports their problems. */
import { validateLabelSelector } from '../label-selector.ts'
import { isDns1035Label } from '../names.ts'
import type { MatchCondition, RuleWithOperations } from '../parts/admissionregistration/matching.ts'
import type { LabelSelector } from '../parts/meta/label-selector.ts'
import type { Path, Problems } from '../problems.ts'
import {
  failurePolicies,
  matchPolicies,
  reinvocationPolicies,
  validateMatchConditions,
  validateRuleWithOperations,
  validateWord,
} from './admission-matching.ts'
import { validateFullyQualifiedName } from './domain-names.ts'
import { validateWebhookClient, type WebhookClient } from './webhook-client.ts'

const MIN_TIMEOUT_SECONDS = 1
const MAX_TIMEOUT_SECONDS = 30

/** Webhooks with other side effects could not be asked about a dry run. */
const sideEffectClasses = ['None', 'NoneOnDryRun']
/** The versions of AdmissionReview that servers of this and the previous release speak. */
const reviewVersions = ['v1', 'v1beta1']

interface Webhook {
  readonly name: string
  readonly clientConfig: WebhookClient
  readonly rules?: readonly RuleWithOperations[] | null
  readonly failurePolicy?: string
  readonly matchPolicy?: string
  readonly sideEffects: string | null
  readonly timeoutSeconds?: number
  readonly namespaceSelector?: LabelSelector
  readonly objectSelector?: LabelSelector
  readonly reinvocationPolicy?: string
  readonly matchConditions?: readonly MatchCondition[] | null
  readonly admissionReviewVersions: readonly string[] | null
}

export function validateWebhooks(
  webhooks: readonly Webhook[] | null | undefined,
  at: Path,
  problems: Problems,
): void {
  const names = new Set<string>()
  for (const [position, webhook] of webhooks?.entries() ?? []) {
    const path = at.index(position)
    validateWebhook(webhook, path, problems)
    const versions = webhook.admissionReviewVersions ?? []
    validateReviewVersions(versions, path.child('admissionReviewVersions'), problems)
    if (!webhook.name) continue
    if (names.has(webhook.name)) problems.duplicate(path.child('name'), webhook.name)
    names.add(webhook.name)
  }
}

function validateWebhook(webhook: Webhook, at: Path, problems: Problems): void {
  const { sideEffects, timeoutSeconds, namespaceSelector, objectSelector } = webhook
  validateFullyQualifiedName(webhook.name, at.child('name'), problems)
  for (const [position, rule] of webhook.rules?.entries() ?? []) {
    validateRuleWithOperations(rule, at.child('rules').index(position), problems)
  }
  validateWord(webhook.failurePolicy, failurePolicies, at.child('failurePolicy'), problems)
  validateWord(webhook.matchPolicy, matchPolicies, at.child('matchPolicy'), problems)
  if (sideEffects === null) {
    const message = `must specify one of ${sideEffectClasses.join(', ')}`
    problems.required(at.child('sideEffects'), message)
  }
  validateWord(sideEffects, sideEffectClasses, at.child('sideEffects'), problems)
  if (
    timeoutSeconds !== undefined &&
    (timeoutSeconds < MIN_TIMEOUT_SECONDS || timeoutSeconds > MAX_TIMEOUT_SECONDS)
  ) {
    const message = 'the timeout value must be between 1 and 30 seconds'
    problems.invalid(at.child('timeoutSeconds'), timeoutSeconds, message)
  }
  if (namespaceSelector) {
    validateLabelSelector(namespaceSelector, at.child('namespaceSelector'), problems)
  }
  if (objectSelector) validateLabelSelector(objectSelector, at.child('objectSelector'), problems)
  const policy = webhook.reinvocationPolicy
  validateWord(policy, reinvocationPolicies, at.child('reinvocationPolicy'), problems)
  validateWebhookClient(webhook.clientConfig, at.child('clientConfig'), problems)
  validateMatchConditions(webhook.matchConditions, at.child('matchConditions'), problems)
}

function validateReviewVersions(versions: readonly string[], at: Path, problems: Problems): void {
  if (!versions.length) problems.required(at, `must specify one of ${reviewVersions.join(', ')}`)
  else validateReviewVersionNames(versions, reviewVersions, at, problems)
}

/** Any version may be named, once, as long as one of them is understood here. */
export function validateReviewVersionNames(
  versions: readonly string[],
  understood: readonly string[],
  at: Path,
  problems: Problems,
): void {
  const seen = new Set<string>()
  for (const [position, version] of versions.entries()) {
    const path = at.index(position)
    if (seen.has(version)) {
      problems.invalid(path, version, 'duplicate version')
      continue
    }
    seen.add(version)
    for (const message of isDns1035Label(version)) problems.invalid(path, version, message)
  }
  if (!understood.some((each) => seen.has(each))) {
    problems.invalid(at, versions, `must include at least one of ${understood.join(', ')}`)
  }
}
