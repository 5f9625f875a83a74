/** Asks an API server that nobody trusts yet about its cluster, and believes what holds. */
import { ConfigMap } from '#api/kinds/core/config-map.ts'
import { isReason } from '#api/status.ts'
import { Connection } from '#client/connection.ts'
import { anonymous, type TlsMaterial } from '#client/credentials.ts'
import { Client } from '#client/rest.ts'
import { type CommandContext, CommandError } from '../command.ts'
import { type Discovered, type Invitation, verified } from './discovery.ts'

/** A token that was made a moment ago may not have signed yet. */
const SIGNED_WITHIN_MS = 10_000
const AGAIN_MS = 200

type Parts = Pick<CommandContext, 'clock' | 'signal'>

/** Asked twice, as kubeadm does: the second time by who showed that it is of the cluster. */
export async function discover(
  server: string,
  invitation: Invitation,
  parts: Parts,
): Promise<Discovered> {
  const { clock, signal } = parts
  const endsAt = clock.monotonic() + SIGNED_WITHIN_MS
  const signature = `jws-kubeconfig-${invitation.token.id}`
  let data = await infoOf(server, { rejectUnauthorized: false }, parts)
  while (!data[signature] && clock.monotonic() < endsAt) {
    await clock.sleep(AGAIN_MS, signal)
    data = await infoOf(server, { rejectUnauthorized: false }, parts)
  }
  const found = verified(data, invitation)
  return verified(await infoOf(server, { ca: found.authority }, parts), invitation)
}

async function infoOf(
  server: string,
  tls: TlsMaterial,
  { clock, signal }: Parts,
): Promise<Readonly<Record<string, string>>> {
  const credentials = { ...anonymous, tls: async () => tls }
  await using connection = new Connection({ server, credentials, userAgent: 'nanokube-cli', clock })
  const name = { name: 'cluster-info', namespace: 'kube-public' }
  try {
    return (await new Client({ connection }).get(ConfigMap, name, { signal })).data ?? {}
  } catch (error) {
    if (signal.aborted) throw error
    throw new CommandError(`API server at ${server}: ${(error as Error).message}`, adviceOn(error))
  }
}

function adviceOn(error: unknown): string {
  if (isReason(error, 'NotFound', 'Forbidden', 'Unauthorized')) {
    return 'It tells new nodes nothing: it has no cluster-info in kube-public that anybody may read.'
  }
  return (
    'Let the control plane listen on an address that this machine reaches, with ' +
    'nanokube up --api-address there, and see that no firewall is between the two.'
  )
}
