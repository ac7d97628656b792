// The keys that the kernel serves, as functions, a file for each kind.
//
// Four kilobytes beyond the program's own memory, from the bank in register 6, by a key in 8 that only reads them in 9:
//
//     int32_t code = keyvm_bank_buy(6, KEYVM_PAGE, 8);
//     if (code == KEYVM_OK) code = keyvm_page_write(8, 0, text, sizeof text);
//     if (code == KEYVM_OK) code = keyvm_weaken(8, KEYVM_PAGE_WRITE, 9);
#ifndef KEYVM_KEYS_H
#define KEYVM_KEYS_H

#include <keyvm/bank.h>
#include <keyvm/checkpoint.h>
#include <keyvm/device.h>
#include <keyvm/discrim.h>
#include <keyvm/forwarder.h>
#include <keyvm/keeper.h>
#include <keyvm/meter.h>
#include <keyvm/node.h>
#include <keyvm/page.h>
#include <keyvm/process.h>
#include <keyvm/sealer.h>

#endif
