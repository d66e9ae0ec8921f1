export const add = (a: number, b: number) => a + b;
export const subtract = (a: number, b: string) => a - b;
