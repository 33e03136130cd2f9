/** Sentences that say what is not, or what should be: no claims. */
import { wordSet } from '../text/word-set.js';

const words = wordSet(`
  not no never missing lacks lack lacking without should must need needs add added adding expect expected instead would remove removed
  delete deleted absent gone nicht kein keine keinen fehlt fehlen fehlend ohne sollte sollten muss müssen statt erwartet gelöscht
  нет не без нужно надо добавить должен должна должно отсутствует вместо отсутствуют немає треба
  pas sans manque manquent manquant faut falta faltan faltaba sin no debe debería deberían não sem deve deveria ausente
  non senza manca mancano mancante dovrebbe deve niet geen zonder ontbreekt moet hoort
  nie brak brakuje bez powinna powinien powinno není chybí nemá má měla inte saknas utan ikke mangler bør
  değil yok eksik olmalı gerekiyor
`);
const signs = /缺|没有|没|无|應該|需要|應當|缺少|应该|应当|添加|增加|删除|改成|ない|なし|べき|必要|없|않|아니|필요/;

const clause = 60;

/** Looks at the clause around the fragment, from the punctuation before it to the one behind it. */
export function isDenied(line: string, start: number, end: number): boolean {
  const before =
    line
      .slice(Math.max(0, start - clause), start)
      .split(/[,.;:!?，。；：！？、]\s|[，。；：！？、]/)
      .at(-1) ?? '';
  const behind = line.slice(end, end + clause).split(/[,.;:!?](?:\s|$)|[，。；：！？、]/, 1)[0] ?? '';
  return [before, behind].some((text) => signs.test(text) || text.split(/[^\p{L}]+/u).some(isDenying));
}

function isDenying(word: string): boolean {
  return words.has(word.toLowerCase());
}
