// tasks.c: the queue of tasks; see tasks.h.

#include "runtime/nodemcu/tasks.h"

#include <assert.h>
#include <string.h>

static struct task_queue {
    struct task tasks[TASKS_MAX];
    unsigned begin, count;
} queues[TASKS_PRIORITIES];

void tasks_reset(void)
{
    memset(queues, 0, sizeof queues);
}

int tasks_post_c(task_function run, int ref, int priority)
{
    assert(priority >= 0 && priority < TASKS_PRIORITIES);
    struct task_queue *queue = &queues[priority];
    if (queue->count == TASKS_MAX)
        return -1;
    queue->tasks[(queue->begin + queue->count++) % TASKS_MAX] = (struct task){run, ref};
    return 0;
}

int tasks_post(int function_ref, int priority)
{
    return tasks_post_c(NULL, function_ref, priority);
}

int tasks_next(void)
{
    for (int priority = TASKS_PRIORITIES - 1; priority >= 0; priority--)
        if (queues[priority].count)
            return priority;
    return -1;
}

int tasks_take(int priority, struct task *task)
{
    if (priority < 0 || priority >= TASKS_PRIORITIES || queues[priority].count == 0)
        return 0;
    struct task_queue *queue = &queues[priority];
    *task = queue->tasks[queue->begin];
    queue->begin = (queue->begin + 1) % TASKS_MAX;
    queue->count--;
    return 1;
}
