/** Every check of the pod security standards, with upstream's wording, and when each applies. */
import { describe, expect, test } from 'vitest'
import type { Subject } from './check.ts'
import { detailOf, evaluate, reasonsOf } from './evaluate.ts'
import { LATEST, type Level } from './level.ts'

const hardened = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}

const pod = (spec: object, annotations: Record<string, string> = {}): Subject =>
  ({ metadata: { annotations }, spec: { containers: [], ...spec } }) as unknown as Subject
const one = (container: object, more: object = {}): Subject =>
  pod({ containers: [{ name: 'c', ...container }], ...more })
const secured = (securityContext: object, more: object = {}): Subject =>
  one({ securityContext: { ...hardened, ...securityContext } }, more)

const found = (level: Level, subject: Subject, minor = LATEST): string =>
  detailOf(evaluate({ level, minor }, subject))

describe('baseline', () => {
  test.for<[string, Subject, string]>([
    ['a plain pod', one({}), ''],
    [
      'host namespaces',
      one({}, { hostNetwork: true, hostPID: true, hostIPC: true }),
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    [
      'privileged',
      pod({
        initContainers: [{ name: 'i', securityContext: { privileged: true } }],
        containers: [{ name: 'c', securityContext: { privileged: true } }],
        ephemeralContainers: [{ name: 'e', securityContext: { privileged: true } }],
      }),
      'privileged (containers "i", "c", "e" must not set securityContext.privileged=true)',
    ],
    [
      'capabilities',
      one({ securityContext: { capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } } }),
      'non-default capabilities (container "c" must not include "NET_RAW", "SYS_ADMIN" ' +
        'in securityContext.capabilities.add)',
    ],
    [
      'hostPath',
      one(
        {},
        {
          volumes: [
            { name: 'a', hostPath: {} },
            { name: 'b', hostPath: {} },
          ],
        },
      ),
      'hostPath volumes (volumes "a", "b")',
    ],
    [
      'hostPort',
      one({ ports: [{ hostPort: 80 }, { hostPort: 0 }, { hostPort: 443 }] }),
      'hostPort (container "c" uses hostPorts 443, 80)',
    ],
    [
      'hosts of probes and hooks',
      one({
        livenessProbe: { httpGet: { host: 'x' } },
        lifecycle: { preStop: { tcpSocket: { host: 'y' } } },
      }),
      'probe or lifecycle host (container "c" uses probe or lifecycle hosts "x", "y")',
    ],
    [
      'procMount',
      one({ securityContext: { procMount: 'Unmasked' } }),
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'procMount with users of its own',
      one({ securityContext: { procMount: 'Unmasked' } }, { hostUsers: false }),
      '',
    ],
    [
      'AppArmor',
      pod(
        {
          securityContext: { appArmorProfile: { type: 'Unconfined' } },
          containers: [{ name: 'c', securityContext: { appArmorProfile: { type: 'Localhost' } } }],
        },
        {
          'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
          'container.apparmor.security.beta.kubernetes.io/d': 'runtime/default',
        },
      ),
      'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to ' +
        '"Unconfined", "container.apparmor.security.beta.kubernetes.io/c="unconfined"")',
    ],
    [
      'SELinux',
      pod({
        securityContext: { seLinuxOptions: { type: 'x_t', user: 'u' } },
        containers: [{ name: 'c', securityContext: { seLinuxOptions: { role: 'r' } } }],
      }),
      'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: ' +
        'type "x_t"; user may not be set; role may not be set)',
    ],
    [
      'seccomp',
      pod({
        securityContext: { seccompProfile: { type: 'Unconfined' } },
        containers: [{ name: 'c', securityContext: { seccompProfile: { type: 'Unconfined' } } }],
      }),
      'seccompProfile (pod and container "c" must not set securityContext.seccompProfile.type ' +
        'to "Unconfined")',
    ],
    [
      'sysctls',
      one({}, { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }, { name: 'x' }] } }),
      'forbidden sysctls (x)',
    ],
    [
      'host processes of Windows',
      pod({
        securityContext: { windowsOptions: { hostProcess: true } },
        containers: [{ name: 'c', securityContext: { windowsOptions: { hostProcess: true } } }],
      }),
      'hostProcess (pod and container "c" must not set ' +
        'securityContext.windowsOptions.hostProcess=true)',
    ],
  ])('%s', ([, subject, expected]) => {
    expect(found('baseline', subject)).toBe(expected)
    expect(found('privileged', subject)).toBe('')
  })
})

describe('restricted', () => {
  test.for<[string, Subject, string]>([
    ['a hardened pod', secured({}), ''],
    [
      'escalation',
      secured({ allowPrivilegeEscalation: undefined }),
      'allowPrivilegeEscalation != false (container "c" must set ' +
        'securityContext.allowPrivilegeEscalation=false)',
    ],
    [
      'capabilities added and kept',
      secured({ capabilities: { add: ['NET_BIND_SERVICE', 'CHOWN'] } }),
      'unrestricted capabilities (container "c" must set ' +
        'securityContext.capabilities.drop=["ALL"]; container "c" must not include "CHOWN" ' +
        'in securityContext.capabilities.add)',
    ],
    [
      'volumes',
      secured(
        {},
        {
          volumes: [
            { name: 'h', hostPath: {} },
            { name: 'n', nfs: {} },
            { name: 'i', image: {} },
            { name: 's', secret: {} },
          ],
        },
      ),
      'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'root allowed',
      secured({ runAsNonRoot: false }, { securityContext: { runAsNonRoot: false } }),
      'runAsNonRoot != true (pod and container "c" must not set ' +
        'securityContext.runAsNonRoot=false)',
    ],
    [
      'root not excluded',
      secured({ runAsNonRoot: undefined }),
      'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
    ],
    [
      'the pod excludes root for all',
      secured({ runAsNonRoot: undefined }, { securityContext: { runAsNonRoot: true } }),
      '',
    ],
    [
      'root by number',
      secured({ runAsUser: 0 }, { securityContext: { runAsUser: 0 } }),
      'runAsUser=0 (pod and container "c" must not set runAsUser=0)',
    ],
    ['root in a user namespace', secured({ runAsUser: 0 }, { hostUsers: false }), ''],
    [
      'procMount even in a user namespace',
      secured({ procMount: 'Unmasked' }, { hostUsers: false }),
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'seccomp not chosen',
      secured({ seccompProfile: undefined }),
      'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type ' +
        'to "RuntimeDefault" or "Localhost")',
    ],
    [
      'on Windows',
      one({ securityContext: { runAsNonRoot: true } }, { os: { name: 'windows' } }),
      '',
    ],
  ])('%s', ([, subject, expected]) => {
    expect(found('restricted', subject)).toBe(expected)
  })
})

describe('versions', () => {
  const annotated = pod(
    { containers: [{ name: 'c' }] },
    { 'container.seccomp.security.alpha.kubernetes.io/c': 'unconfined' },
  )
  test.for<[string, Level, Subject, number, string]>([
    ['tcp_rmem', 'baseline', sysctl('net.ipv4.tcp_rmem'), 31, 'forbidden sysctls'],
    ['tcp_rmem', 'baseline', sysctl('net.ipv4.tcp_rmem'), 32, ''],
    ['keepalive', 'baseline', sysctl('net.ipv4.tcp_keepalive_time'), 28, 'forbidden sysctls'],
    ['keepalive', 'baseline', sysctl('net.ipv4.tcp_keepalive_time'), 29, ''],
    ['probes', 'baseline', one({ livenessProbe: { httpGet: { host: 'x' } } }), 33, ''],
    ['seccomp in annotations', 'baseline', annotated, 18, 'seccompProfile'],
    ['seccomp in annotations', 'baseline', annotated, 19, ''],
    ['escalation', 'restricted', secured({ allowPrivilegeEscalation: true }), 7, ''],
    ['root by number', 'restricted', secured({ runAsUser: 0 }), 22, ''],
    ['root by number', 'restricted', secured({ runAsUser: 0 }), 23, 'runAsUser=0'],
    [
      'a standard of the future is the latest',
      'restricted',
      secured({ runAsUser: 0 }, { hostUsers: false }),
      99,
      '',
    ],
    [
      'relaxed for users of its own since 1.35',
      'restricted',
      secured({ runAsUser: 0 }, { hostUsers: false }),
      34,
      'runAsUser=0',
    ],
  ])('%s at %s:v1.%i', ([, level, subject, minor, expected]) => {
    expect(reasonsOf(evaluate({ level, minor }, subject))).toBe(expected)
  })

  function sysctl(name: string): Subject {
    return one({}, { securityContext: { sysctls: [{ name, value: '1' }] } })
  }
})
