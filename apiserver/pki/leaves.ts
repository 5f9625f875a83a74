/** The certificates that a cluster starts with, by the name of their file. */
import type { Subject, Usage } from '#api/rules/certificate.ts'

export interface Leaf {
  readonly name: string
  readonly authority: 'ca' | 'front-proxy-ca'
  readonly subject: Subject
  readonly usages: readonly Usage[]
  /** Shown to clients, so it carries the names of the server. */
  readonly isServing?: true
  /** Its user finds the way to the server in a file of its own. */
  readonly kubeconfig?: true
}

const masters = ['system:masters']

export const leaves: readonly Leaf[] = [
  {
    name: 'apiserver',
    authority: 'ca',
    subject: { commonName: 'kube-apiserver' },
    usages: ['server'],
    isServing: true,
  },
  {
    name: 'apiserver-kubelet-client',
    authority: 'ca',
    subject: { commonName: 'kube-apiserver-kubelet-client', organizations: masters },
    usages: ['client'],
  },
  {
    name: 'front-proxy-client',
    authority: 'front-proxy-ca',
    subject: { commonName: 'front-proxy-client' },
    usages: ['client'],
  },
  {
    name: 'admin',
    authority: 'ca',
    subject: { commonName: 'kubernetes-admin', organizations: masters },
    usages: ['client'],
    kubeconfig: true,
  },
  {
    name: 'controller-manager',
    authority: 'ca',
    subject: { commonName: 'system:kube-controller-manager' },
    usages: ['client'],
    kubeconfig: true,
  },
  {
    name: 'cloud-controller-manager',
    authority: 'ca',
    subject: { commonName: 'system:cloud-controller-manager' },
    usages: ['client'],
    kubeconfig: true,
  },
  {
    name: 'scheduler',
    authority: 'ca',
    subject: { commonName: 'system:kube-scheduler' },
    usages: ['client'],
    kubeconfig: true,
  },
  {
    name: 'kube-proxy',
    authority: 'ca',
    subject: { commonName: 'system:kube-proxy' },
    usages: ['client'],
    kubeconfig: true,
  },
  {
    name: 'cluster-dns',
    authority: 'ca',
    subject: { commonName: 'system:coredns' },
    usages: ['client'],
    kubeconfig: true,
  },
]
