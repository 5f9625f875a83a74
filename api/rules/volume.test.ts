/** Volumes of pods: defaults, names, sources and projected files. */
import { describe, expect, test } from 'vitest'
import { decode } from '../decode.ts'
import { applyDefaults } from '../defaults.ts'
import { type Volume, volume } from '../parts/core/volume.ts'
import { Path, Problems } from '../problems.ts'
import { checkEphemeralClaims, checkVolumes } from './volume.ts'

const at = Path.root.child('spec').child('volumes')
const stored = (posted: object): Volume => applyDefaults(volume, decode(volume, posted))

function said(check: (problems: Problems) => void): string[] {
  const problems = new Problems()
  check(problems)
  return problems.list.map(({ field, message }) => `${field}: ${message}`)
}

const problemsOf = (...posted: object[]): string[] =>
  said((problems) => checkVolumes(posted.map(stored), at, problems))
const ofSource = (source: object): string[] =>
  problemsOf({ name: 'v', ...source }).map((line) => line.replace('spec.volumes[0]', ''))

const required = 'Required value'
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const mode = 'must be a number between 0 and 0777 (octal), both inclusive'
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

describe('defaults', () => {
  test.for([
    [{}, { emptyDir: {} }],
    [{ hostPath: { path: '/a' } }, { hostPath: { path: '/a', type: '' } }],
    [{ secret: { secretName: 's' } }, { secret: { secretName: 's', defaultMode: 420 } }],
    [{ configMap: { name: 'c' } }, { configMap: { name: 'c', defaultMode: 420 } }],
    [{ image: { reference: 'a' } }, { image: { reference: 'a', pullPolicy: 'Always' } }],
    [{ image: { reference: 'a:1' } }, { image: { reference: 'a:1', pullPolicy: 'IfNotPresent' } }],
    [
      { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      {
        projected: {
          sources: [{ serviceAccountToken: { expirationSeconds: 3600, path: 't' } }],
          defaultMode: 420,
        },
      },
    ],
    [
      { rbd: { monitors: ['m'], image: 'i' } },
      {
        rbd: {
          monitors: ['m'],
          image: 'i',
          pool: 'rbd',
          user: 'admin',
          keyring: '/etc/ceph/keyring',
        },
      },
    ],
  ])('%j', ([posted, expected]) => {
    expect(stored({ name: 'v', ...posted })).toEqual({ name: 'v', ...expected })
  })
})

describe('names', () => {
  test.for([
    [[{ name: 'a' }, { name: 'b' }], []],
    [[{ name: 'a' }, { name: 'a' }], ['spec.volumes[1].name: Duplicate value: "a"']],
    [[{}], ['spec.volumes[0].name: Required value']],
    [[{ name: 'A' }], [`spec.volumes[0].name: Invalid value: "A": ${labelRule}`]],
    // A wrong volume leaves its name to others, as mounts could not use it.
    [
      [{ name: 'a', secret: {} }, { name: 'a' }],
      ['spec.volumes[0].secret.secretName: Required value'],
    ],
  ] as const)('%j', ([posted, expected]) => {
    expect(problemsOf(...posted)).toEqual(expected)
  })
})

describe('sources', () => {
  const crowded = 'Forbidden: may not specify more than 1 volume type'
  test.for([
    [{ emptyDir: {}, hostPath: { path: '/x' } }, [`.hostPath: ${crowded}`]],
    [{ secret: {}, nfs: {} }, [`.secret.secretName: ${required}`, `.nfs: ${crowded}`]],
    [{ cephfs: { monitors: ['a'] }, emptyDir: {} }, [`.cephFS: ${crowded}`]],
    [{ emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } }, []],
    [
      { emptyDir: { sizeLimit: '-1' } },
      ['.emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
    ],
    [{ hostPath: {} }, [`.hostPath.path: ${required}`]],
    [
      { hostPath: { path: '/a/../b', type: 'Weird' } },
      [
        '.hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
        '.hostPath.type: Unsupported value: "Weird": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
    ],
    [
      { nfs: {} },
      [
        `.nfs.server: ${required}`,
        `.nfs.path: ${required}`,
        '.nfs.path: Invalid value: "": must be an absolute path',
      ],
    ],
    [{ gcePersistentDisk: {} }, [`.persistentDisk.pdName: ${required}`]],
    [{ persistentVolumeClaim: {} }, [`.persistentVolumeClaim.claimName: ${required}`]],
    [{ csi: {} }, [`.csi.driver: ${required}`, `.csi.driver: Invalid value: "": ${subdomainRule}`]],
    [{ csi: { driver: 'CSI.example.com' } }, []],
    [
      { fc: { targetWWNs: ['a'] } },
      ['.fc.lun: Required value: lun is required if targetWWNs is specified'],
    ],
    [
      { iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.example:disk', lun: 256 } },
      ['.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive'],
    ],
    [
      { iscsi: { targetPortal: '1.2.3.4', iqn: 'x', lun: 0 } },
      ['.iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa'],
    ],
    [
      { flexVolume: { driver: 'd', options: { 'kubernetes.io/a': '1', 'example.com/b': '2' } } },
      [
        '.flexVolume.options[kubernetes.io/a]: Invalid value: "kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved',
      ],
    ],
    [{ quobyte: { registry: 'a:1,[::1]:2', volume: 'v' } }, []],
    [
      { quobyte: { registry: 'a', volume: 'v' } },
      [
        '.quobyte.registry: Invalid value: "a": must be a host:port pair or multiple pairs separated by commas',
      ],
    ],
    [
      { azureDisk: { diskName: 'd', diskURI: 'x' } },
      [
        '.azureDisk.diskURI: Unsupported value: "x": supported values: "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"',
      ],
    ],
    [{ ephemeral: {} }, [`.ephemeral.volumeClaimTemplate: ${required}`]],
    [
      { ephemeral: { volumeClaimTemplate: { metadata: { name: 'n' }, spec: {} } } },
      [
        '.ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set',
        '.ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is required',
        '.ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value',
      ],
    ],
    [
      { image: { reference: 'a', pullPolicy: 'X' } },
      [
        '.image.pullPolicy: Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"',
      ],
    ],
  ] as const)('%j', ([source, expected]) => {
    expect(ofSource(source)).toEqual(expected)
  })
})

describe('projected files', () => {
  test.for([
    [
      {
        secret: {
          secretName: 's',
          defaultMode: 1000,
          items: [{}, { key: 'a', path: '../x' }, { key: 'b', path: '..data', mode: -1 }],
        },
      },
      [
        `.secret.defaultMode: Invalid value: 1000: ${mode}`,
        `.secret.items[0].key: ${required}`,
        `.secret.items[0].path: ${required}`,
        '.secret.items[1].path: Invalid value: "../x": must not contain \'..\'',
        '.secret.items[2].path: Invalid value: "..data": must not start with \'..\'',
        `.secret.items[2].mode: Invalid value: -1: ${mode}`,
      ],
    ],
    [
      {
        downwardAPI: {
          items: [
            { path: 'a' },
            { path: 'b', fieldRef: { fieldPath: 'spec.nodeName' } },
            { path: '/abs', fieldRef: { fieldPath: "metadata.labels['x']" } },
          ],
        },
      },
      [
        '.downwardAPI: Required value: one of fieldRef and resourceFieldRef is required',
        '.downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"',
        '.downwardAPI.path: Invalid value: "/abs": must be a relative path',
      ],
    ],
    [
      {
        projected: {
          sources: [
            {},
            { serviceAccountToken: { path: '', expirationSeconds: 10 } },
            { secret: { name: 'x' }, configMap: { name: 'y' } },
            { configMap: { name: 'z', items: [{ key: 'a', path: 'f' }] } },
            { secret: { name: 'w', items: [{ key: 'a', path: 'f' }] } },
          ],
        },
      },
      [
        '.projected.sources[1].serviceAccountToken.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes',
        `.projected.path: ${required}`,
        '.projected.sources[2]: Forbidden: may not specify more than 1 volume type per source',
        '.projected: Invalid value: "w": conflicting duplicate paths',
      ],
    ],
    [
      {
        projected: {
          sources: [
            { clusterTrustBundle: { path: 'ca' } },
            { clusterTrustBundle: { name: 'a:b:c', path: 'cb' } },
            { clusterTrustBundle: { signerName: 'a.b/c', path: 'cc' } },
            { clusterTrustBundle: { name: 'a', labelSelector: {}, path: 'cd' } },
          ],
        },
      },
      [
        '.projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified',
        '.projected.sources[3].clusterTrustBundle.labelSelector: Invalid value: {}: labelSelector must be unset if name is specified',
      ],
    ],
    [
      { projected: { sources: [{ podCertificate: { signerName: 'a.b/c', keyType: 'X' } }] } },
      [
        '.projected.sources[0].podCertificate.keyType: Unsupported value: "X": supported values: "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519", "RSA3072", "RSA4096"',
        '.projected.sources[0].podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath',
      ],
    ],
  ] as const)('%j', ([source, expected]) => {
    expect(ofSource(source)).toEqual(expected)
  })
})

test('claims made for a pod carry its name', () => {
  const volumes = [
    { name: 'a', ephemeral: { volumeClaimTemplate: { spec: claim } } },
    { name: 'b', persistentVolumeClaim: { claimName: 'pod-a' } },
  ].map(stored)
  expect(said((problems) => checkEphemeralClaims('pod', volumes, at, problems))).toEqual([
    'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "pod-a": must not reference a PVC that gets created for an ephemeral volume',
  ])
  expect(said((problems) => checkEphemeralClaims('', volumes, at, problems))).toEqual([])
  const long = 'p'.repeat(252)
  expect(said((problems) => checkEphemeralClaims(long, volumes, at, problems))).toEqual([
    `spec.volumes[0].name: Invalid value: "a": PVC name "${long}-a": must be no more than 253 bytes`,
  ])
})
