/** Loaded before a program: its wall clock jumps by so many ms with every look. */
const step = Number(process.env['CLOCK_STEP'])
const real = Date.now
let looks = 0
Date.now = () => real() + step * looks++
