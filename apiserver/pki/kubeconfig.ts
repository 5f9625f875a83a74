/** The text of a kubeconfig file: where the server is, whom to trust, and who one is. */

export interface KubeconfigFacts {
  readonly server: string
  /** PEM, as are the next two but one. */
  readonly authority: string
  readonly user: string
  readonly cert: string
  readonly key: string
}

const CLUSTER = 'kubernetes'

/** JSON is YAML too, and needs no rules about quotes; people read it in lines. */
export function kubeconfigText({ server, authority, user, cert, key }: KubeconfigFacts): string {
  const context = `${user}@${CLUSTER}`
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: CLUSTER, cluster: { 'certificate-authority-data': base64(authority), server } },
    ],
    contexts: [{ name: context, context: { cluster: CLUSTER, user } }],
    'current-context': context,
    preferences: {},
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
      },
    ],
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
