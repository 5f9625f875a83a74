/** `nanokube token create|list`: tokens with which new nodes come to a cluster. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '#api/kinds/core/secret.ts'
import { epochToTime } from '#api/time.ts'
import { option } from '#daemon/options.ts'
import { adminAccess } from '../api-access.ts'
import { clusterFlags, existingHere } from '../chosen-cluster.ts'
import { defineCommand } from '../command.ts'
import { publicKeyHash } from '../join/discovery.ts'
import { newToken, storeToken, tokenText } from '../supervisor/add-ons.ts'
import { serverForOthers } from '../supervisor/node-credentials.ts'

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
    const { files, cluster } = await existingHere(values)
    await using access = await adminAccess(files, clock)
    const token = newToken(random)
    const endsAt = Math.floor((clock.now() + values.ttl) / 1000)
    const expiration = values.ttl > 0 ? epochToTime(endsAt) : undefined
    const { description } = values
    await storeToken(access.client, token, { description, ...(expiration && { expiration }) })
    const hash = publicKeyHash(await readFile(join(files.pki, 'ca.crt'), 'utf8'))
    const text = tokenText(token)
    const server = new URL(serverForOthers(cluster)).host
    const command = `nanokube join ${server} --token ${text} --discovery-token-ca-cert-hash ${hash}`
    const isReachable = cluster.apiAddresses !== undefined
    const facts = { ...(expiration && { expiration }), ...(isReachable && { join: command }) }
    progress.report({ token: text, caCertHash: hash, ...facts }, text)
    progress.advise(
      isReachable
        ? `On the machine of the new node:\n  ${command}`
        : 'Other machines do not reach this cluster: nanokube stop, and then ' +
            'nanokube up --api-address with an address of this machine.',
    )
  },
})

export const tokenList = defineCommand({
  name: 'token list',
  summary: 'Lists the tokens with which kubelets of new nodes can come in.',
  options: clusterFlags,
  async run(values, _words, { clock, progress }) {
    const { files } = await existingHere(values)
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
