export declare const installChdb: (version: string) => NodeJS.ProcessEnv;
