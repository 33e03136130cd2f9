/** `date` in other languages: weekday, day, month, clock, zone and year in the order of the locale (glibc locales, `date_fmt`). */

const weekdays = new Set(
  `so mo di mi do fr sa son mon die mit don fre sam
  dim lun mar mer jeu ven sam
  dom lun mar mié mie jue vie sáb sab
  lun mar mer gio ven sab
  seg ter qua qui sex sáb
  zo ma di wo do vr za
  sön søn søn. mån man tis tir tirs ons tor tors fre lör lør
  вс пн вт ср чт пт сб вск пнд втр срд чтв птн сбт нд
  nie pon pią śro wto czw sob
  ne po út st čt pá so
  paz pzt sal çar per cum cmt
  日 月 火 水 木 金 土 一 二 三 四 五 六 일 월 화 수 목 금 토`.split(/\s+/),
);

/** Names of the months from January, without dots and in lower case. */
const monthNames: readonly (readonly string[])[] = [
  [
    'jan',
    'januar',
    'janv',
    'janvier',
    'ene',
    'enero',
    'gen',
    'gennaio',
    'jän',
    'янв',
    'января',
    'sty',
    'led',
    'oca',
    'січ',
    '1月',
    '1월',
  ],
  [
    'feb',
    'februar',
    'févr',
    'février',
    'febrero',
    'febbraio',
    'fev',
    'фев',
    'февраля',
    'lut',
    'úno',
    'şub',
    'лют',
    '2月',
    '2월',
  ],
  ['mar', 'mär', 'märz', 'mrz', 'mars', 'marzo', 'março', 'mrt', 'мар', 'марта', 'bře', 'бер', '3月', '3월'],
  ['apr', 'april', 'avr', 'avril', 'abr', 'abril', 'aprile', 'апр', 'апреля', 'kwi', 'dub', 'nis', 'кві', '4月', '4월'],
  ['mai', 'may', 'mayo', 'mag', 'maggio', 'maio', 'mei', 'maj', 'май', 'мая', 'kvě', 'тра', '5月', '5월'],
  [
    'jun',
    'juni',
    'juin',
    'junio',
    'giu',
    'giugno',
    'junho',
    'июн',
    'июня',
    'cze',
    'čen',
    'čer',
    'haz',
    'чер',
    '6月',
    '6월',
  ],
  [
    'jul',
    'juli',
    'juil',
    'juillet',
    'julio',
    'lug',
    'luglio',
    'julho',
    'июл',
    'июля',
    'lip',
    'čec',
    'tem',
    'лип',
    '7月',
    '7월',
  ],
  ['aug', 'august', 'août', 'ago', 'agosto', 'авг', 'августа', 'sie', 'srp', 'ağu', 'сер', '8月', '8월'],
  [
    'sep',
    'september',
    'sept',
    'septembre',
    'septiembre',
    'set',
    'settembre',
    'setembro',
    'сен',
    'сентября',
    'wrz',
    'zář',
    'eyl',
    'вер',
    '9月',
    '9월',
  ],
  [
    'okt',
    'oct',
    'oktober',
    'octobre',
    'octubre',
    'ott',
    'ottobre',
    'out',
    'outubro',
    'окт',
    'октября',
    'paź',
    'říj',
    'eki',
    'жов',
    '10月',
    '10월',
  ],
  ['nov', 'november', 'novembre', 'noviembre', 'novembro', 'ноя', 'ноября', 'lis', 'kas', 'лис', '11月', '11월'],
  [
    'dez',
    'dec',
    'dezember',
    'déc',
    'décembre',
    'dic',
    'diciembre',
    'dicembre',
    'dezembro',
    'дек',
    'декабря',
    'gru',
    'pro',
    'ara',
    'гру',
    '12月',
    '12월',
  ],
];

const months = new Map(monthNames.flatMap((names, month) => names.map((name) => [name, month] as const)));

export interface LocalDate {
  readonly year: string;
  readonly month: number;
  readonly day: string;
  readonly clock: readonly (string | undefined)[];
  readonly zone: string;
}

/** `Fr 20. Nov 10:00:30 CET 2026`, `ven. 20 nov. 2026 10:00:30 CET`, `2026年 11月 20日 金曜日 10:00:30 JST`; null when a part is missing or left over. */
export function readLocalDate(text: string): LocalDate | null {
  if (text.length > 80 || !/\d:\d\d:\d\d/.test(text)) return null;
  const words = text
    .replace(/(\d{4})(?:年|년)/g, ' $1 ')
    .replace(/(\d{1,2})(月|월)/g, ' $1$2 ')
    .replace(/(\d{1,2})(?:日|일)/g, ' $1 ')
    .replace(/[日月火水木金土]曜日?|(?:星期|週|周)[一二三四五六日天]|[일월화수목금토]요일|[()（）]/g, ' ')
    .split(/[\s,]+/)
    .filter((word) => word !== '' && word !== 'de' && word !== 'г.' && word !== '西元');
  let year: string | undefined;
  let month: number | undefined;
  let day: string | undefined;
  let clock: readonly string[] | undefined;
  let zone = '';
  let named = words.length < text.trim().split(/[\s,]+/).length || /[年년]/.test(text);
  for (const word of words) {
    const bare = word.toLowerCase().replace(/\.$/, '');
    const time = /^(\d{1,2}):(\d\d):(\d\d)$/.exec(word);
    if (time !== null) {
      if (clock !== undefined) return null;
      clock = time.slice(1);
    } else if (/^\d{4}$/.test(bare) && year === undefined) year = bare;
    else if (/^\d{1,2}$/.test(bare) && day === undefined) day = bare;
    else if (month === undefined && months.has(bare) && (named || !weekdays.has(bare))) month = months.get(bare);
    else if (!named && weekdays.has(bare)) named = true;
    else if (/^(?:[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?)$/.test(word) && zone === '') zone = word;
    else return null;
  }
  if (year === undefined || month === undefined || day === undefined || clock === undefined || !named) return null;
  return { year, month, day, clock: [...clock, undefined], zone };
}
