/* circuit_text: circuits written as text, one gate a line, in any order.
 *
 *   input NAME [LO HI]         an integer from LO to HI; a bit where they are left out
 *   input NAME[BITS]           a word: bits NAME[0], the lowest, to NAME[BITS - 1]
 *   NAME = GATE ARGUMENTS      NAME[BITS] = GATE ARGUMENTS where the gate makes a word
 *   output NAME ...            wires, or words: their bits from the lowest
 *
 * # begins a comment. A name is anything without spaces, brackets and =, and no number; where a wire is due, a
 * number is a constant. Gates, with what they are of (numbers in capitals, x y z wires, .. any more, v w words):
 *
 *   bits      and x .., or, nand, nor, xor, xnor, not x, andn x y, mux x y z, majority x .., threshold K x ..,
 *             truth DIGITS x .. (a 0 or 1 for each input, the one of all zeros first, x changing fastest),
 *             bernoulli K x .. (x + 2 y + 4 z + .. < K)
 *   integers  sum x .., sub x y, neg x, scale A x, offset B x, min x .., max x .., abs x, relu x, within LO HI x,
 *             ge x y, gt, le, lt, eq, ne, when x y (x ? y : 0), select x y z, addmod M x y, submod M x y,
 *             wrap BITS x, product x y, table x ENTRY ..,
 *             function NAME POINTS FRACTION x (exp, sin, log, tanh: functions.h)
 *   words     add v w, multiply v w (mod 2^BITS), bits x; value v, signed v: the integer that a word is
 */
#ifndef CIRCUITS_CIRCUIT_TEXT_H
#define CIRCUITS_CIRCUIT_TEXT_H

#include "studies/circuits/circuit.h"

/* Into an open, empty circuit whose `file` is the text's name. STATUS_DATA names file and line. The text is cut
 * into words. */
enum status circuit_parse(struct circuit *c, char *text);

#endif
