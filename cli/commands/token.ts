/** `nanokube token create|list`: tokens with which new nodes come to a cluster. */
import { createHash, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '#api/kinds/core/secret.ts'
import { epochToTime } from '#api/time.ts'
import { option } from '#daemon/options.ts'
import { adminAccess } from '../api-access.ts'
import { clusterFlags, existing } from '../chosen-cluster.ts'
import { defineCommand } from '../command.ts'
import { newToken, storeToken, tokenText } from '../supervisor/add-ons.ts'

const DAY_MS = 86_400_000

export const tokenCreate = defineCommand({
  name: 'token create',
  summary: 'Makes a token with which the kubelet of a new node can come in.',
  options: {
    ...clusterFlags,
    'Token flags': {
      ttl: option.duration({ help: 'How long it is good; 0 means for ever.', default: DAY_MS }),
      description: option.text({ help: 'What it is for.', default: 'Made by nanokube.' }),
    },
  },
  async run(values, _words, { clock, random, progress }) {
    const { files } = await existing(values)
    await using access = await adminAccess(files, clock)
    const token = newToken(random)
    const endsAt = Math.floor((clock.now() + values.ttl) / 1000)
    const expiration = values.ttl > 0 ? epochToTime(endsAt) : undefined
    const { description } = values
    await storeToken(access.client, token, { description, ...(expiration && { expiration }) })
    const hash = publicKeyHash(await readFile(join(files.pki, 'ca.crt'), 'utf8'))
    const text = tokenText(token)
    progress.report({ token: text, caCertHash: hash, ...(expiration && { expiration }) }, text)
    progress.advise(
      `A kubelet comes in with it by --bootstrap-kubeconfig. The authority's key: ${hash}`,
    )
  },
})

/** As kubeadm has it: of the key, so that a renewed certificate keeps it. */
function publicKeyHash(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}

export const tokenList = defineCommand({
  name: 'token list',
  summary: 'Lists the tokens with which kubelets of new nodes can come in.',
  options: clusterFlags,
  async run(values, _words, { clock, progress }) {
    const { files } = await existing(values)
    await using access = await adminAccess(files, clock)
    const fieldSelector = 'type=bootstrap.kubernetes.io/token'
    const secrets = await access.client.list(Secret, { namespace: 'kube-system', fieldSelector })
    const tokens = secrets.map(({ data = {} }) => ({
      id: read(data['token-id']),
      expiration: read(data.expiration),
      description: read(data.description),
    }))
    const lines = tokens.map(
      ({ id, expiration, description }) => `${id}  ${expiration || 'never ends'}  ${description}`,
    )
    progress.report({ tokens }, lines.join('\n'))
  },
})

const read = (value: string | undefined): string =>
  Buffer.from(value ?? '', 'base64').toString('utf8')
