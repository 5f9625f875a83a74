/** Objects that streams need, made through the API: a node, and pods that say they run on it. */

export async function createNode(url: string, name: string, kubeletPort: number): Promise<void> {
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
  }
  await create(`${url}/api/v1/nodes`, {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: { name },
    status,
  })
}

export interface PodWish {
  readonly name: string
  readonly node?: string
  readonly containers?: readonly string[]
  readonly port?: number
  /** This machine unless given. */
  readonly ip?: string
}

export async function createRunningPod(url: string, wish: PodWish): Promise<void> {
  const { name, node, containers = ['main'], port, ip = '127.0.0.1' } = wish
  const list = `${url}/api/v1/namespaces/default/pods`
  await create(list, {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, labels: { app: name } },
    spec: {
      ...(node && { nodeName: node }),
      containers: containers.map((each) => ({
        name: each,
        image: 'image',
        ...(port && { ports: [{ containerPort: port }] }),
      })),
    },
  })
  if (!node) return
  const status = {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: containers.map((each) => ({
      name: each,
      image: 'image',
      imageID: 'image',
      containerID: `stand-in://${each}`,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    })),
  }
  await ask(`${list}/${name}/status`, 'PATCH', { status }, 'application/merge-patch+json')
}

export const create = (url: string, object: object): Promise<unknown> => ask(url, 'POST', object)

async function ask(url: string, method: string, object: object, type = 'application/json') {
  const headers = { 'content-type': type }
  const answer = await fetch(url, { method, headers, body: JSON.stringify(object) })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}
