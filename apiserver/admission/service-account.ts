/** ServiceAccount: pods run as an account of their namespace and find its token in a volume. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { mirrorPod } from '#api/rules/pods/annotations.ts'
import { secretNames } from '#api/rules/pods/references.ts'
import {
  type AdmissionContext,
  type AdmissionPlugin,
  type Attributes,
  isAbout,
  isCreate,
} from './admission.ts'
import { awaitKey } from './awaited-object.ts'
import { ephemeralSecretProblem, secretProblem } from './mountable-secrets.ts'
import { refused } from './refusals.ts'
import { mountToken } from './token-volume.ts'

const DEFAULT_ACCOUNT = 'default'
/** The controller makes the account right after the namespace. */
const DEFAULT_ACCOUNT_WAIT_MS = 1_500

export function serviceAccount(context: AdmissionContext): AdmissionPlugin {
  const { cache, random } = context
  const accounts = cache.of<ServiceAccount>('serviceaccounts')
  const known = (attributes: Attributes): ServiceAccount => {
    const name = podOf(attributes).spec.serviceAccountName!
    const found = accounts.get(attributes.namespace, name)
    if (found) return found
    const why = `error looking up service account ${attributes.namespace}/${name}`
    throw refused(attributes, `${why}: serviceaccount ${JSON.stringify(name)} not found`)
  }
  return {
    name: 'ServiceAccount',
    handles: (attributes) =>
      isAbout(attributes, 'pods') && (isCreate(attributes) || isEphemeral(attributes)),
    async mutate(attributes) {
      const { metadata, spec } = podOf(attributes)
      if (isEphemeral(attributes) || metadata.annotations?.[mirrorPod] !== undefined) return
      spec.serviceAccountName ||= DEFAULT_ACCOUNT
      if (spec.serviceAccountName === DEFAULT_ACCOUNT) await awaitDefault(context, attributes)
      const account = known(attributes)
      const wantsToken = spec.automountServiceAccountToken ?? account.automountServiceAccountToken
      if (wantsToken !== false) mountToken(spec, (length) => random.suffix(length))
      const { imagePullSecrets } = account
      if (!spec.imagePullSecrets?.length && imagePullSecrets?.length) {
        spec.imagePullSecrets = structuredClone(imagePullSecrets)
      }
    },
    validate(attributes) {
      const { metadata, spec } = podOf(attributes)
      if (isCreate(attributes) && metadata.annotations?.[mirrorPod] !== undefined) {
        checkMirror(attributes)
        return
      }
      if (!spec.serviceAccountName) {
        if (isEphemeral(attributes)) return
        const pod = `${attributes.namespace}/${metadata.name}`
        throw refused(attributes, `no service account specified for pod ${pod}`)
      }
      const account = known(attributes)
      if (!limitsSecrets(account)) return
      const problem = isCreate(attributes)
        ? secretProblem(account, spec)
        : ephemeralSecretProblem(account, spec)
      if (problem) throw refused(attributes, problem)
    },
  }
}

const podOf = ({ object }: Attributes): Pod => object as unknown as Pod

const isEphemeral = ({ operation, subresource }: Attributes): boolean =>
  operation === 'UPDATE' && subresource === 'ephemeralcontainers'

async function awaitDefault(
  { store, resources, clock }: AdmissionContext,
  { namespace }: Attributes,
): Promise<void> {
  const key = resources.find('', 'v1', 'serviceaccounts')!.keyOf(namespace, DEFAULT_ACCOUNT)
  await awaitKey(store, clock, key, DEFAULT_ACCOUNT_WAIT_MS)
}

/** The copy of a pod that only its kubelet decides about must not depend on the API. */
function checkMirror(attributes: Attributes): void {
  const { spec } = podOf(attributes)
  if (spec.serviceAccountName) {
    throw refused(attributes, 'a mirror pod may not reference service accounts')
  }
  if (secretNames(spec).size) throw refused(attributes, 'a mirror pod may not reference secrets')
  const sources = (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])
  if (sources.some(({ serviceAccountToken }) => serviceAccountToken)) {
    const why = 'a mirror pod may not use ServiceAccountToken volume projections'
    throw refused(attributes, why)
  }
}

const limitAnnotation = 'kubernetes.io/enforce-mountable-secrets'
/** The texts that upstream reads as true. */
const trueTexts = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])

const limitsSecrets = ({ metadata }: ServiceAccount): boolean =>
  trueTexts.has(metadata.annotations?.[limitAnnotation] ?? '')
