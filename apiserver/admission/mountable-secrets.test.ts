/** The first secret of a pod that its account does not list. */
import { expect, test } from 'vitest'
import type { ServiceAccount } from '#api/kinds/core/service-account.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import { ephemeralSecretProblem, secretProblem } from './mountable-secrets.ts'

const account = {
  metadata: { name: 'a' },
  secrets: [{ name: 'listed' }],
  imagePullSecrets: [{ name: 'pull' }],
} as unknown as ServiceAccount

const env = (name: string) => [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }]
const because = 'is not allowed because service account a does not reference that'

test.for<[object, string | undefined]>([
  [{ containers: [{ name: 'c', env: env('listed') }] }, undefined],
  [{ volumes: [{ name: 'v', secret: { secretName: 'listed' } }] }, undefined],
  [
    { volumes: [{ name: 'v', secret: { secretName: 's' } }] },
    `volume with secret.secretName="s" ${because} secret`,
  ],
  [
    { initContainers: [{ name: 'i', env: env('s') }] },
    `init container i with envVar E referencing secret.secretName="s" ${because} secret`,
  ],
  [
    { containers: [{ name: 'c', env: env('s') }] },
    `container c with envVar E referencing secret.secretName="s" ${because} secret`,
  ],
  [{ imagePullSecrets: [{ name: 'pull' }] }, undefined],
  [
    { imagePullSecrets: [{ name: 'pull' }, { name: 's' }] },
    `imagePullSecrets[1].name="s" ${because} imagePullSecret`,
  ],
])('%j: %s', ([spec, expected]) => {
  expect(secretProblem(account, spec as PodSpec)).toBe(expected)
})

test('containers that join later are held to it as well', () => {
  const spec = { ephemeralContainers: [{ name: 'e', env: env('s') }] } as unknown as PodSpec
  const place = 'ephemeral container e with envVar E referencing'
  expect(ephemeralSecretProblem(account, spec)).toBe(
    `${place} secret.secretName="s" ${because} secret`,
  )
})
