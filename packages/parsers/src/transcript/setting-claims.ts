/** `net.ipv4.ip_forward is 0`, `… steht auf 0`, `… 是 0`: kernel parameters that a sentence tells in words. sysctl(8) has the names. */
import type { Sysctl } from '@coldtrace/core';
import type { Section } from '../format.js';
import { canonicalKey } from '../sysctl/key.js';
import type { Line } from '../text/lines.js';
import { isDenied } from './denial.js';

const words =
  'is|was|are|set|to|at|currently|still|has|value|the|ist|war|steht|stand|auf|gesetzt|derzeit|noch|hat|den|wert|está|esta|estaba|es|tiene|valor|el|en|puesto|a|vale|vaut|est|était|à|sur|actuellement|é|era|em|è|impostato|su|is|staat|op|jest|ustawione|na|ma|wartość|равен|равно|равна|стоит|в|имеет|значение|установлен|установлено|je|nastaveno|değeri|şu|anda|är|satt|till|er';
/** A number with a unit is a sentence about the value, not the value. */
const units =
  's|ms|sec|secs|seconds?|min|mins|minutes?|hours?|days?|bytes?|[kKMG]i?B|entries|Sekunden|Minuten|Stunden|Tage|segundos|minutos|horas|días|dias|secondes|heures|jours|secondi|giorni|секунд|минут|часов|дней|sekund|dni|秒|分钟|小时|天|日';
/** Between the name and the number: a few such words, or the signs of scripts without blanks. */
const worded = new RegExp(
  `\\b(net\\.(?:ipv4|ipv6|core|netfilter|bridge)\\.[a-z0-9_./-]{2,120})["'\`”’]?(?:(?:\\s+(?:${words})){1,4}\\s*[:=]?\\s*|\\s*(?:的)?(?:值)?\\s*(?:是|为|為|设置为|設為|设为|被设置为|が|は|の値は|은|는|이|가)\\s*|\\s*[:：]\\s*)["'\`“]?(-?\\d{1,10})(?![\\w.]*\\w|\\s*(?:%|(?:${units})(?![\\p{L}])))`,
  'giu',
);

export function settingClaims(
  section: Section,
  line: Line,
  taken: readonly (readonly [number, number])[],
): readonly Sysctl[] {
  const rows: Sysctl[] = [];
  for (const match of line.text.matchAll(worded)) {
    const [all, name = '', value = ''] = match;
    const start = line.start + match.index;
    const end = start + all.length;
    if (taken.some(([from, to]) => start < to && end > from)) continue;
    if (isDenied(line.text, match.index, match.index + all.length) || isDenied(` ${all}`, 0, 1)) continue;
    const span = { file: section.file.id, start, end };
    rows.push({ span, trust: 'claimed', key: canonicalKey(name), value });
  }
  return rows;
}
