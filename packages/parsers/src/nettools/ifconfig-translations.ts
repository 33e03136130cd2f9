/** Words of ifconfig(8) before net-tools 2.0 in Chinese, German and French (its po/ folder), as the English words they stand for. */

const words: Readonly<Record<string, readonly string[] | undefined>> = {
  地址: ['addr'],
  广播: ['Bcast'],
  掩码: ['Mask'],
  点对点: ['P-t-P'],
  跃点数: ['Metric'],
  硬件地址: ['HWaddr'],
  以太网: ['Ethernet'],
  本地环回: ['Local', 'Loopback'],
  接收数据包: ['RX', 'packets'],
  发送数据包: ['TX', 'packets'],
  接收字节: ['RX', 'bytes'],
  发送字节: ['TX', 'bytes'],
  错误: ['errors'],
  丢弃: ['dropped'],
  过载: ['overruns'],
  帧数: ['frame'],
  载波: ['carrier'],
  碰撞: ['collisions'],
  发送队列长度: ['txqueuelen'],
  Adresse: ['addr'],
  Maske: ['Mask'],
  Metrik: ['Metric'],
  Gültigkeitsbereich: ['Scope'],
  'inet6-Adresse': ['inet6', 'addr'],
  adr: ['addr'],
  Masque: ['Mask'],
};

/** `掩码:255.255.255.0` is `Mask`, `255.255.255.0`; null for a word of no translation. */
export function translated(text: string): readonly string[] | null {
  const colon = text.indexOf(':');
  const key = colon < 0 ? text : text.slice(0, colon);
  const known = Object.hasOwn(words, key) ? words[key] : undefined;
  if (known === undefined) return null;
  return colon < 0 || colon === text.length - 1 ? known : [...known, text.slice(colon + 1)];
}

/** How a line below the name begins in these languages. */
export const translatedLine = /^\s+(?:inet6?[ -](?:地址|Adresse|adr)[: ]|接收|发送|碰撞)/;
