/** Authorities embedded in a kubeconfig (`certificate-authority-data`); client certificates and keys were taken out before anything read it. */
import type { Certificate, YamlValue } from '@coldtrace/core';
import { field, itemsOf, textAtPath } from '../yaml/access.js';
import { decodeBase64, latin1 } from './base64.js';
import { certificateFromX509Fields } from './fields.js';
import { pemCertificates } from './pem.js';

export function certificatesOfKubeconfig(value: YamlValue, path: string | null): readonly Certificate[] {
  if (textAtPath(value, 'kind') !== 'Config') return [];
  return itemsOf(field(value, 'clusters')).flatMap((cluster) => {
    const data = field(cluster, 'cluster', 'certificate-authority-data');
    const text = textAtPath(cluster, 'cluster', 'certificate-authority-data');
    const octets = text === null ? null : decodeBase64(text);
    if (data === null || octets === null) return [];
    const place = { kind: 'kubeconfig', path, server: textAtPath(cluster, 'cluster', 'server') } as const;
    return pemCertificates(latin1(octets), data.span).map((one) =>
      certificateFromX509Fields({ ...one.fields, place }, data.span),
    );
  });
}
