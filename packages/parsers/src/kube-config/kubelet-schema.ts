/** KubeletConfiguration, kubelet.config.k8s.io/v1beta1: every field by name, typed where a diagnosis may rest on it (k8s.io/kubelet/config/v1beta1). */
import {
  any,
  bool,
  cidrList,
  duration,
  type Field,
  type Fields,
  flagMap,
  int,
  ip,
  oneOf,
  port,
  sectionSchema,
  text,
  textMap,
  texts,
} from './fields.js';

const all = (field: Field, names: string): Fields => Object.fromEntries(names.split(' ').map((name) => [name, field]));

export const kubeletFields: Fields = {
  ...all(
    text,
    'apiVersion kind staticPodPath tlsCertFile tlsPrivateKeyFile tlsMinVersion providerID clusterDomain kubeletCgroups',
  ),
  ...all(
    text,
    'systemCgroups cgroupRoot resolvConf systemReservedCgroup kubeReservedCgroup reservedSystemCPUs volumePluginDir',
  ),
  ...all(
    text,
    'staticPodURL showHiddenMetricsForVersion containerRuntimeEndpoint imageServiceEndpoint podLogsDir contentType',
  ),
  ...all(
    text,
    'cpuManagerPolicy memoryManagerPolicy topologyManagerPolicy topologyManagerScope containerLogMaxSize mergeDefaultEvictionSettings',
  ),
  ...all(
    duration,
    'syncFrequency fileCheckFrequency httpCheckFrequency streamingConnectionIdleTimeout nodeStatusUpdateFrequency',
  ),
  ...all(
    duration,
    'nodeStatusReportFrequency imageMinimumGCAge imageMaximumGCAge volumeStatsAggPeriod cpuManagerReconcilePeriod',
  ),
  ...all(duration, 'runtimeRequestTimeout cpuCFSQuotaPeriod evictionPressureTransitionPeriod shutdownGracePeriod'),
  ...all(duration, 'shutdownGracePeriodCriticalPods containerLogMonitorInterval'),
  ...all(
    bool,
    'rotateCertificates serverTLSBootstrap enableServer enableDebuggingHandlers cpuCFSQuota serializeImagePulls',
  ),
  ...all(bool, 'makeIPTablesUtilChains protectKernelDefaults failSwapOn enableControllerAttachDetach'),
  ...all(
    bool,
    'localStorageCapacityIsolation registerNode enableProfilingHandler enableDebugFlagsHandler enableSystemLogHandler',
  ),
  ...all(bool, 'enableSystemLogQuery enableContentionProfiling seccompDefault cgroupsPerQOS failCgroupV1'),
  ...all(
    int(0),
    'registryPullQPS registryBurst eventBurst nodeLeaseDurationSeconds maxPods podPidsLimit maxOpenFiles kubeAPIBurst',
  ),
  ...all(
    int(),
    'eventRecordQPS kubeAPIQPS oomScoreAdj containerLogMaxFiles containerLogMaxWorkers nodeStatusMaxImages podsPerCore',
  ),
  ...all(int(), 'evictionMaxPodGracePeriod maxParallelImagePulls'),
  ...all(int(0, 100), 'imageGCHighThresholdPercent imageGCLowThresholdPercent memoryThrottlingFactor'),
  ...all(
    textMap,
    'staticPodURLHeader cpuManagerPolicyOptions topologyManagerPolicyOptions qosReserved evictionHard evictionSoft',
  ),
  ...all(textMap, 'evictionSoftGracePeriod evictionMinimumReclaim systemReserved kubeReserved'),
  ...all(texts, 'tlsCipherSuites allowedUnsafeSysctls enforceNodeAllocatable'),
  ...all(
    any,
    'metadata logging registerWithTaints reservedMemory shutdownGracePeriodByPodPriority tracing memorySwap crashLoopBackOff',
  ),
  ...all(any, 'userNamespaces imagePullCredentialsVerificationPolicy'),
  address: ip,
  port,
  readOnlyPort: port,
  healthzPort: port,
  healthzBindAddress: ip,
  configMapAndSecretChangeDetectionStrategy: oneOf('Get', 'Cache', 'Watch'),
  clusterDNS: texts,
  podCIDR: cidrList,
  cgroupDriver: oneOf('cgroupfs', 'systemd'),
  hairpinMode: oneOf('promiscuous-bridge', 'hairpin-veth', 'none'),
  iptablesMasqueradeBit: int(0, 31),
  iptablesDropBit: int(0, 31),
  featureGates: flagMap,
  authentication: {
    x509: { clientCAFile: text },
    webhook: { enabled: bool, cacheTTL: duration },
    anonymous: { enabled: bool },
  },
  authorization: {
    mode: oneOf('AlwaysAllow', 'Webhook'),
    webhook: { cacheAuthorizedTTL: duration, cacheUnauthorizedTTL: duration },
  },
};

export const kubeletSchema = sectionSchema(kubeletFields);
