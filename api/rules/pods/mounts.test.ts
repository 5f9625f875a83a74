/** Which volumes a container may mount, and how. */
import { expect, test } from 'vitest'
import { podOf, problemsOf } from './judged-pod.ts'

const volumes = [
  { name: 'dir' },
  { name: 'bad', hostPath: { path: '' } },
  { name: 'claim', persistentVolumeClaim: { claimName: 'c' } },
  { name: 'image', image: { reference: 'nginx' } },
]
const list = 'spec.containers[0].volumeMounts'
const badVolume = 'spec.volumes[1].hostPath.path: Required value'
const mount = { name: 'dir', mountPath: '/a' }

test.for([
  { name: 'plain', mounts: [mount, { ...mount, mountPath: '/b' }], expected: [] },
  {
    name: 'nothing said',
    mounts: [{}],
    expected: [
      `${list}[0].name: Required value`,
      `${list}[0].name: Not found: ""`,
      `${list}[0].mountPath: Required value`,
    ],
  },
  {
    name: 'a volume that has problems of its own',
    mounts: [{ name: 'bad', mountPath: '/a' }],
    expected: [`${list}[0].name: Not found: "bad"`],
  },
  {
    name: 'one path twice',
    mounts: [mount, { name: 'claim', mountPath: '/a' }],
    expected: [`${list}[1].mountPath: Invalid value: "/a": must be unique`],
  },
  {
    name: 'sub paths',
    mounts: [
      { ...mount, subPath: '/x' },
      { ...mount, mountPath: '/b', subPath: 'y', subPathExpr: '../z' },
    ],
    expected: [
      `${list}.subPath: Invalid value: "/x": must be a relative path`,
      `${list}[1].subPathExpr: Invalid value: "../z": subPathExpr and subPath are mutually exclusive`,
      `${list}.subPathExpr: Invalid value: "../z": must not contain '..'`,
    ],
  },
  {
    name: 'a part of an image',
    mounts: [{ name: 'image', mountPath: '/a', subPath: 'x' }],
    expected: [`${list}[0].subPath: Invalid value: "x": not allowed in image volume sources`],
  },
  {
    name: 'propagation',
    mounts: [
      { ...mount, mountPropagation: 'Bidirectional' },
      { ...mount, mountPath: '/b', mountPropagation: 'X' },
    ],
    expected: [
      `${list}.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`,
      `${list}.mountPropagation: Unsupported value: "X": supported values: "Bidirectional", "HostToContainer", "None"`,
    ],
  },
  {
    name: 'propagation out of a privileged container',
    securityContext: { privileged: true },
    mounts: [{ ...mount, mountPropagation: 'Bidirectional' }],
    expected: [],
  },
  {
    name: 'recursively read-only',
    mounts: [
      { ...mount, recursiveReadOnly: 'Enabled', mountPropagation: 'HostToContainer' },
      { ...mount, mountPath: '/b', recursiveReadOnly: 'X' },
      { ...mount, mountPath: '/c', recursiveReadOnly: 'Disabled' },
    ],
    expected: [
      `${list}.recursiveReadOnly: Forbidden: may only be specified when readOnly is true`,
      `${list}.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified`,
      `${list}.recursiveReadOnly: Unsupported value: "X": supported values: "Disabled", "Enabled", "IfPossible"`,
    ],
  },
])('mounts: $name', ({ mounts, securityContext, expected }) => {
  const container = { volumeMounts: mounts, ...(securityContext && { securityContext }) }
  expect(problemsOf(podOf(container, { volumes }))).toEqual([badVolume, ...expected])
})

const devices = 'spec.containers[0].volumeDevices'
test.for([
  { name: 'plain', list: [{ name: 'claim', devicePath: '/dev/x' }], expected: [] },
  {
    name: 'nothing said',
    list: [{}],
    expected: [
      `${devices}[0].name: Required value`,
      `${devices}[0].name: Not found: ""`,
      `${devices}[0].devicePath: Required value`,
    ],
  },
  {
    name: 'no claim',
    list: [{ name: 'image', devicePath: '/dev/x' }],
    expected: [
      `${devices}[0].name: Invalid value: "image": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`,
    ],
  },
  {
    name: 'twice and upwards',
    list: [
      { name: 'claim', devicePath: '/dev/x' },
      { name: 'claim', devicePath: '/dev/x' },
      { name: 'x', devicePath: '/dev/../y' },
    ],
    expected: [
      `${devices}[1].name: Invalid value: "claim": must be unique`,
      `${devices}[1].devicePath: Invalid value: "/dev/x": must be unique`,
      `${devices}[2].name: Not found: "x"`,
      `${devices}[2].devicePath: Invalid value: "/dev/../y": can not contain backsteps ('..')`,
    ],
  },
])('devices: $name', ({ list: volumeDevices, expected }) => {
  expect(problemsOf(podOf({ volumeDevices }, { volumes }))).toEqual([badVolume, ...expected])
})

test('a volume is mounted or a device, not both', () => {
  const container = {
    volumeMounts: [{ name: 'claim', mountPath: '/a' }],
    volumeDevices: [{ name: 'claim', devicePath: '/a' }],
  }
  expect(problemsOf(podOf(container, { volumes }))).toEqual([
    badVolume,
    `${list}[0].name: Invalid value: "claim": must not already exist in volumeDevices`,
    `${list}[0].mountPath: Invalid value: "/a": must not already exist as a path in volumeDevices`,
    `${devices}[0].name: Invalid value: "claim": must not already exist in volumeMounts`,
    `${devices}[0].devicePath: Invalid value: "/a": must not already exist as a path in volumeMounts`,
  ])
})
