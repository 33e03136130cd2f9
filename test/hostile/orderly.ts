/** What may be printed about hostile text: an answer or a clear refusal, and nothing that steers a terminal. */

/** Exit statuses that mean an answer or a clear refusal: never the internal error. */
export const orderly: readonly (number | null)[] = [0, 1, 2, 3];

const unsafe =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What a text holds that could steer a terminal, with what stands around it; our own colours and line of progress aside. */
export function steering(text: string): readonly string[] {
  const plain = text.replace(/\u001b\[\d{1,2}m|\r\u001b\[K/g, '');
  return [...plain.matchAll(unsafe)].map((match) =>
    JSON.stringify(plain.slice(Math.max(0, match.index - 40), match.index + 5)),
  );
}
