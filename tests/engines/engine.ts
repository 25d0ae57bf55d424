/** A suite over a real engine, whose address the environment gives: a missing engine is a failure, never a skip. */
export const engine = (variable: string, suite: (url: string) => void): void => {
  const url = process.env[variable];
  if (!url) throw new Error(`${variable} does not say where the engine is: npm run test:engines starts one`);
  suite(url);
};
