package org.springframework.core.task;

public interface TaskDecorator { Runnable decorate(Runnable task); }
