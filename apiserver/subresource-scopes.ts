/** What may be changed through the subresources that only one kind has. */

import type { ChangeRules } from '#api/check.ts'
import { jsonCopy } from '#api/json-copy.ts'
import type { CustomResourceDefinition } from '#api/kinds/apiextensions/custom-resource-definition.ts'
import type { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { CertificateSigningRequest as CertificateKind } from '#api/kinds/certificates/certificate-signing-request.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { Path, type Problems } from '#api/problems.ts'
import { validateNoDecision } from '#api/rules/certificate-conditions.ts'
import { validateNames } from '#api/rules/definition-names.ts'
import {
  validateEphemeralUpdate,
  withEphemeralContainers,
} from '#api/rules/pods/ephemeral-update.ts'
import { validateResize, withResizedContainers } from '#api/rules/pods/resize.ts'
import { validate } from '#api/validate.ts'
import { validateUpdate } from '#api/validate-update.ts'
import { keepField, keepMetadata } from './kept-fields.ts'
import type { UpdateScope } from './update-scope.ts'

function podScope(
  subresource: string,
  changed: (next: PodSpec, previous: PodSpec) => PodSpec,
  rules: (next: Pod, previous: Pod, problems: Problems) => void,
): UpdateScope {
  return {
    subresource,
    reset(next, present) {
      next.spec = changed(next.spec as PodSpec, jsonCopy(present.spec) as PodSpec)
      keepField(next, present, 'status')
      keepMetadata(next, present)
    },
    // Whose these fields are is not kept.
    resetPaths: [['metadata'], ['spec'], ['status']],
    rules: rules as ChangeRules,
  }
}

/** The finalizers of a namespace are in its spec, and change nowhere else. */
const finalize: UpdateScope = {
  subresource: 'finalize',
  reset: (next, present) => keepField(next, present, 'status'),
  resetPaths: [['status']],
}

/** What is asked for and what became of it are not for its owner to change. */
const certificateRequest: UpdateScope = {
  subresource: '',
  reset(next, present) {
    keepField(next, present, 'spec')
    keepField(next, present, 'status')
  },
  resetPaths: [['spec'], ['status']],
}

/** Whoever approves says so in the conditions; the certificate is for the signer. */
const approval: UpdateScope = {
  subresource: 'approval',
  reset(next, present) {
    keepField(next, present, 'spec')
    const [{ status: after }, { status: before }] = requestsOf(next, present)
    if (before.certificate === undefined) delete after.certificate
    else after.certificate = before.certificate
  },
  resetPaths: [['spec'], ['status', 'certificate']],
}

const certificateStatus: UpdateScope = {
  subresource: 'status',
  reset: (next, present) => keepField(next, present, 'spec'),
  resetPaths: [['spec']],
  rules(next, previous, problems) {
    validate(CertificateKind.schema, next as CertificateSigningRequest, problems)
    validateUpdate(CertificateKind.schema, next as never, previous as never, problems)
    const [{ status: after }, { status: before }] = requestsOf(next, previous)
    const at = Path.root.child('status').child('conditions')
    validateNoDecision(after.conditions, before.conditions, at, problems)
  },
}

/** Which versions are stored is for whoever migrates them to say, right or wrong. */
const definitionStatus: UpdateScope = {
  subresource: 'status',
  reset(next, present) {
    keepField(next, present, 'spec')
    keepMetadata(next, present)
  },
  resetPaths: [['metadata'], ['spec']],
  rules(next, _, problems) {
    const { acceptedNames } = (next as CustomResourceDefinition).status
    validateNames(acceptedNames, Path.root.child('status').child('acceptedNames'), problems)
  },
}

const requestsOf = (next: object, previous: object) =>
  [next, previous] as [CertificateSigningRequest, CertificateSigningRequest]

/** By group, plural and subresource; nothing behind the slash is the object itself. */
export const subresourceScopes: Readonly<Record<string, UpdateScope>> = {
  'pods/ephemeralcontainers': podScope(
    'ephemeralcontainers',
    withEphemeralContainers,
    validateEphemeralUpdate,
  ),
  'pods/resize': podScope('resize', withResizedContainers, validateResize),
  'namespaces/finalize': finalize,
  'certificatesigningrequests.certificates.k8s.io/': certificateRequest,
  'certificatesigningrequests.certificates.k8s.io/approval': approval,
  'certificatesigningrequests.certificates.k8s.io/status': certificateStatus,
  'customresourcedefinitions.apiextensions.k8s.io/status': definitionStatus,
}
